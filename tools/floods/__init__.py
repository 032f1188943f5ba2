"""Floods: captures that fill every table of the sensor at once, and how it bears each of them."""
