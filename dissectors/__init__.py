"""Bytes to facts. Nothing here opens a file, knows the time of day or keeps a policy: packets in, facts out.

============  ==========================================================================================================
facts.py      what is said to the rest of the sensor; with context.py and finding.py the records that cross rooms
spec.py       what a protocol declares; registry.py lists the protocols
wire/         from a captured frame to bytes in order, and to whoever dissects them
base/         what every protocol shares: cutting, pairing, counting, reporting
others        one folder per protocol
============  ==========================================================================================================

What a protocol's folder contains
---------------------------------
``__init__.py``
    The docstring (standard, sections, limits) and ``PROTOCOL``: name, doors, unit, functions, violations. Interpreted.
``table.py``
    The numbers of the standard, once.
``parse.py``
    One message from its own bytes: ``parse(data, start, end, ...)`` reads nothing outside and returns a ``Message`` (with
    ``more`` when it carries several operations), or None.
``session.py``
    What one connection remembers: ``measure``, ``message``, ``resync``; a fast path for what repeats, where polls are fast.
``dissector.py``
    ``DISSECTOR``: its name, its first bytes, ``recognise``, ``from_client``, ``session``.

Tests lie in ``tests/dissectors/NAME/``; tests/dissectors/toys.py is a whole protocol on one page.

How the packet path is written
------------------------------
Everything but ``facts.py``, ``context.py``, ``finding.py``, ``spec.py``, ``registry.py`` and the ``__init__.py`` is compiled by mypyc
when the wheel is built; the same source runs interpreted in development. A packet of a known poll has about a microsecond.

Compiles well:

* ``i64`` for offsets, lengths, times and flags: a register, not an object. Annotate the first assignment (``at: i64 = start``).
* Words in place: ``read_i32_be(data, at)`` of librt.strings and ``data[at]`` instead of slices and struct.unpack.
* ``@final`` classes with typed attributes set in ``__init__``: an attribute is a load, a method a plain call. Split a class when it has
  two reasons to change; an object between costs about a nanosecond.
* ``a == 1 or a == 2``; ``if``/``else`` chains; ``while at < end``.
* Calls by keyword to our own functions: they cost nothing.

Does not:

* A tuple, slice, closure, generator, f-string or exception per packet: each is an object.
* ``in`` with a literal tuple, ``min``/``max`` of an i64 on the fast path, a dict with an i64 key: each makes an ``int``.
* ``**kwargs``, decorators, properties on the fast path, ``getattr``; classes that others subclass (a call through a table).
* A call with ten arguments just to pass them on: 30 instructions. Hand over the object that has them.
* Records of msgspec by keyword: 60 ns more than by position. Worth it everywhere but for the most frequent fact.

Where a fast path exists, a law in the tests runs the same messages through the general path and wants the same facts.

``make test`` runs the whole suite on both forms; ``SPANWATCH_EXPECT=compiled`` makes a run fail that would silently be interpreted.
``make bench`` measures; compare two wheels by taking turns, and believe instruction counts (valgrind --tool=callgrind) over
seconds on a busy machine.
"""
