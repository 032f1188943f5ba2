"""The shapes that most alerts are instances of, and the entries made from what the protocols declare.

``asked``: a command is an alert whoever sends it (Danger). ``counted``: so many of one thing, or so many different ones, in
so long. ``toggled``: one point goes back and forth. ``wrong``: a message breaks a clause, or answers nothing. ``unlearned``:
a station does what a baseline never saw it do. ``shapes`` gives each its sentences and builds the entries of every Protocol.
"""
