"""What the policy can say of Modbus: functions by number, tables and ranges."""

from __future__ import annotations

from typing import Final

from dissectors.modbus.table import FUNCTIONS, INTERFACES, READ_WRITE, SUBFUNCTIONS, UMAS_CODES
from dissectors.spec import Function, Numbering, Objects

NUMBERING: Final = Numbering(last=127, sub=65_535)

TABLES: Final = tuple(dict.fromkeys(row.table for row in FUNCTIONS.values() if row.table))

WORDS: Final = (
    *(
        Function(
            row.name,
            row.verb,
            str(code),
            objects=(row.table,) if row.table else (),
            needs_object=bool(row.table),
            writes_last=row.form == READ_WRITE,
        )
        for code, row in FUNCTIONS.items()
    ),
    *(
        Function(name, verb, f"{code}/{sub}", objects=())
        for code, subs in ((8, SUBFUNCTIONS), (43, INTERFACES), (90, UMAS_CODES))
        for sub, (name, verb) in subs.items()
    ),
)

OBJECTS: Final = (
    Objects(key="ranges", kind="|".join(TABLES), last=65_535, tables_key="table", tables=TABLES),
)  # fmt: skip
