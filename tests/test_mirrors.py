"""A module has a test of its name: ``dissectors/wire/flow.py`` is tested by ``tests/dissectors/wire/test_flow.py``.

Those that have none stand in ``without_a_test.txt``; the list may only shrink. ``python -m tests.test_mirrors`` takes out
what has got its test or is gone, and says which module is missing in it: write its test, or move its line where it was renamed.
"""

from __future__ import annotations

from pathlib import PurePosixPath

from tests.repository import ROOT, files, modules

LIST = ROOT / "tests" / "without_a_test.txt"
WITHOUT = LIST.read_text(encoding="utf-8").split()


def mirror(module: str) -> str:
    """Return where the test of a module lies."""
    path = PurePosixPath(module)
    return str(PurePosixPath("tests") / path.parent / f"test_{path.name}")


def untested() -> set[str]:
    """Every module that holds something and has no test of its name; what a package exports is tested in its modules."""
    there = {str(path.relative_to(ROOT)) for path in files()}
    return {name for name in modules() if PurePosixPath(name).stem.strip("_") not in {"init", "main"}} - {
        name for name in modules() if mirror(name) in there
    }


def test_every_module_has_a_test_of_its_name() -> None:
    new = sorted(untested() - set(WITHOUT))
    assert new == [], "write " + ", ".join(mirror(name) for name in new)


def test_the_list_of_modules_without_a_test_only_shrinks() -> None:
    assert sorted(set(WITHOUT) - untested()) == [], "tested or gone: run python -m tests.test_mirrors"
    assert sorted(set(WITHOUT)) == WITHOUT


if __name__ == "__main__":
    LIST.write_text("".join(f"{name}\n" for name in sorted(set(WITHOUT) & untested())), encoding="utf-8")
    print("\n".join(sorted(untested() - set(WITHOUT))))
