"""What developers and CI run and an installed Spanwatch does not have: the dashboards' generator and the bench."""
