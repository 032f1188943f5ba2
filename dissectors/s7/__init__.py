"""S7comm (0x32) and the headers of S7CommPlus (0x72) on ISO transport.

Siemens publishes no standard; the names follow its system software manuals and the public dissectors. ``table`` and
its neighbours ``area``, ``error`` hold every number once; ``parse`` dispatches to ``job`` and ``userdata``; ``item``
reads addresses and values, ``szl`` the system status lists, ``plus`` the headers of S7CommPlus. Limits: no MPI or
PROFIBUS framing, no values of S7CommPlus objects, nothing inside TLS (reported as opaque).
"""

from dissectors.s7.dissector import DISSECTOR

__all__ = ["DISSECTOR"]
