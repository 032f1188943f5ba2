"""The sample plant: a small water works of real protocol stacks in Linux network namespaces.

`python -m pcaps.plant` plays every situation of `scenarios/` and records it at the mirror port of the plant switch.
Needs root, iproute2, ethtool, tcpdump and lldpd, and the Python packages pymodbus, python-snap7, yadnp3 and c104.
Nothing leaves the namespaces: they have no link to the machine's own network.
"""
