"""DNP3 over TCP and UDP (IEEE 1815-2012), port 20000.

From the bottom: ``crc`` and ``link`` (frames), ``transport`` (fragments from parts), ``header``, ``variation`` and
``value`` (the object library), ``function`` and ``indication`` (the application layer), ``control``, ``file``,
``attribute`` and ``authentication`` (objects that are more than values), ``objects`` and ``parse`` (to a Message),
``points``, ``pair``, ``repeat``, ``conversation`` and ``session`` (to facts).

Violations: start, length, header_crc, block_crc, transport_sequence, direction, reserved_address, unknown_function,
unknown_object, qualifier, object_length. TLS on port 19999 is not read. Of authentication only user, sequence and
error are reported, never a key.
"""

from dissectors.dnp3.protocol import DISSECTOR

__all__ = ["DISSECTOR"]
