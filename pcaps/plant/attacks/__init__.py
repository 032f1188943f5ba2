"""What intruders do: one module per protocol, each run on a station as `python -m pcaps.plant.attacks.<module> ACTION`.

Every action is bounded, sends to the plant's own addresses only, and ends by itself.
"""
