"""Captures made by this project from real protocol stacks, each with its ground truth, and what makes them."""
