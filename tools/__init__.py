"""What developers and CI run; none of it is in the wheel, and nothing that is imports it."""
