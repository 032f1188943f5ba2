"""Baselines on disk: what was saved comes back, and nothing else is ever loaded."""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import random
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import msgspec
import numpy as np
import pytest

from models import Baseline, BaselineError, card, load, save
from models.npz import pack, unpack
from models.persistence import FILE_MAX, FILES
from models.windows.forest import KEYS
from models.windows.state import Windows
from tests.models.site import (
    APPROVAL,
    COILS,
    READ,
    WRITE,
    count,
    exchange,
    first,
    judge,
    opened,
    polling,
    train,
    window,
)

CHANNEL = opened()


def odd(minute: int) -> list | None:
    if minute != 3:
        return None
    return [window(CHANNEL, minute, [count(READ, 900, period=1 / 15), count(COILS, 60)], connections=9)]


LIVE = [
    *polling(CHANNEL, 6, odd=odd),
    first(CHANNEL, WRITE, CHANNEL.time + 400 * 10**9),
    exchange(CHANNEL, WRITE, CHANNEL.time + 400 * 10**9 + 5),
]


@pytest.fixture(scope="module")
def baseline() -> Baseline:
    return train(polling(CHANNEL, 30), approval=APPROVAL, parent="0123456789abcdef")


@pytest.fixture(scope="module")
def saved(baseline: Baseline, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save(baseline, tmp_path_factory.mktemp("baselines") / "first")


@pytest.fixture
def copy(saved: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(saved, tmp_path / "copy"))


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def seal_again(folder: Path) -> None:
    """Make the manifest fit the files, as a careful attacker would."""
    manifest = json.loads((folder / "manifest.json").read_bytes())
    for name in FILES:
        data = (folder / name).read_bytes()
        manifest["files"][name] = {"sha256": hashlib.sha256(data).hexdigest(), "size": len(data)}
    (folder / "manifest.json").write_text(json.dumps(manifest))


def edit(folder: Path, name: str, change: Callable[[dict], None]) -> None:
    document = json.loads((folder / name).read_bytes())
    change(document)
    (folder / name).write_text(json.dumps(document))
    seal_again(folder)


def refused(folder: Path) -> str:
    with pytest.raises(BaselineError) as caught:
        load(folder)
    text = str(caught.value)
    assert str(folder) in text
    assert "; " in text
    return text


def test_a_loaded_baseline_finds_exactly_what_the_saved_one_found(baseline: Baseline, saved: Path) -> None:
    loaded = load(saved)
    found = judge(baseline, LIVE)
    assert {one.model for one in found} >= {"novelty", "rhythm"}
    assert judge(loaded, LIVE) == found
    assert loaded.identity == baseline.identity
    assert all(one.baseline == baseline.identity for one in found)
    assert card(loaded) == card(baseline)


def test_saving_twice_gives_the_same_bytes(baseline: Baseline, saved: Path, tmp_path: Path) -> None:
    again = save(train(polling(CHANNEL, 30), approval=APPROVAL, parent="0123456789abcdef"), tmp_path / "again")
    for name in names_in(saved):
        assert (saved / name).read_bytes() == (again / name).read_bytes(), name


def test_a_saved_baseline_can_be_saved_again_unchanged(saved: Path, tmp_path: Path) -> None:
    again = save(load(saved), tmp_path / "again")
    assert {name: (again / name).read_bytes() for name in names_in(again)} == {
        name: (saved / name).read_bytes() for name in names_in(saved)
    }


def test_the_arrays_are_read_by_numpy_without_pickle(baseline: Baseline, saved: Path) -> None:
    with np.load(saved / "forest.npz", allow_pickle=False) as arrays:
        assert sorted(arrays) == sorted(f"0.{key}" for key in KEYS)
        assert np.array_equal(arrays["0.threshold"], baseline.state(Windows).forests[0].threshold)


def test_a_baseline_is_never_overwritten(baseline: Baseline, saved: Path) -> None:
    with pytest.raises(BaselineError, match="never overwritten"):
        save(baseline, saved)


def test_a_folder_that_cannot_be_written_is_an_error_and_leaves_nothing(baseline: Baseline, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(BaselineError, match="cannot be written"):
        save(baseline, tmp_path / "file" / "baseline")
    assert names_in(tmp_path) == ["file"]


def test_the_manifest_reports_who_when_and_from_what(saved: Path) -> None:
    manifest = json.loads((saved / "manifest.json").read_bytes())
    origin = manifest["origin"]
    assert origin["approval"] == {"by": APPROVAL.by, "ticket": APPROVAL.ticket, "role": APPROVAL.role, "rare": False}
    assert origin["parent"] == "0123456789abcdef"
    assert set(origin["packages"]) == {"msgspec", "numpy", "python", "scikit-learn"}
    assert len(origin["data_sha256"]) == len(origin["settings_sha256"]) == 64
    assert manifest["settings"]["period_seconds"] == 60


def test_a_missing_folder_is_reported_with_the_fix(tmp_path: Path) -> None:
    assert "give the folder that `model train` wrote" in refused(tmp_path / "nowhere")


@pytest.mark.parametrize("name", [*FILES, "manifest.json"])
def test_a_missing_file_is_refused(copy: Path, name: str) -> None:
    (copy / name).unlink()
    assert name in refused(copy)


@pytest.mark.parametrize("name", FILES)
def test_a_changed_file_is_refused_by_its_digest(copy: Path, name: str) -> None:
    data = bytearray((copy / name).read_bytes())
    data[len(data) // 2] ^= 1
    (copy / name).write_bytes(bytes(data))
    assert "SHA-256 differs" in refused(copy)


def test_a_file_outside_the_manifest_is_refused(copy: Path) -> None:
    (copy / "extra.pkl").write_bytes(b"")
    assert "not in the manifest" in refused(copy)


@pytest.mark.parametrize("name", [*FILES, "manifest.json"])
def test_links_pipes_and_folders_are_no_files(copy: Path, name: str) -> None:
    away = copy.parent / "away"
    (copy / name).rename(away)
    (copy / name).symlink_to(away)
    assert "plain file" in refused(copy)
    (copy / name).unlink()
    os.mkfifo(copy / name)
    assert "plain file" in refused(copy)
    (copy / name).unlink()
    (copy / name).mkdir()
    assert "plain file" in refused(copy)


def test_a_huge_file_is_refused_before_it_is_read(copy: Path) -> None:
    with (copy / "novelty.json").open("wb") as file:
        file.truncate(FILE_MAX + 1)
    assert "is larger than" in refused(copy)


def test_documents_that_would_not_fit_into_their_share_are_neither_written_nor_read(
    copy: Path, baseline: Baseline, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("models.persistence.DOCUMENTS_MAX", 500)
    assert "its documents have" in refused(copy)
    with pytest.raises(BaselineError, match="learn fewer channels at once"):
        save(baseline, tmp_path / "again")
    assert not (tmp_path / "again").exists()


def test_forests_that_would_not_be_read_are_not_written(
    baseline: Baseline, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("models.persistence.ARRAYS_MAX", 500)
    with pytest.raises(BaselineError, match="learn fewer protocols at once"):
        save(baseline, tmp_path / "again")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b'{"schema": NaN}', "not sound JSON"),
        (b'{"schema": 1e999}', "manifest.json"),
        (b"[" * 200_000, "expected form"),
        (b'{"settings": ' + b'{"a":' * 200_000, "manifest.json"),
        (b"\xff\xfe", "not sound JSON"),
        (b"", "not sound JSON"),
        (b'{"schema": 1}', "expected form"),
        (b"null", "expected form"),
        (b'{"schema": ' + b"9" * 5000 + b"}", "manifest.json"),
    ],
)
def test_a_manifest_that_is_no_sound_json_is_refused(copy: Path, text: bytes, reason: str) -> None:
    (copy / "manifest.json").write_bytes(text)
    assert reason in refused(copy)


@pytest.mark.parametrize("name", ["manifest.json", "novelty.json", "rhythm.json", "window.json"])
def test_a_key_that_stands_twice_is_refused(copy: Path, name: str) -> None:
    text = (copy / name).read_text()
    key, rest = text.split(":", 1)
    value = json.dumps(json.loads(text)[json.loads(key.strip().removeprefix("{"))])
    (copy / name).write_text(f"{key}: {value},\n{key.strip().removeprefix('{')}:{rest}")
    if name != "manifest.json":
        seal_again(copy)
    assert "stands twice" in refused(copy)


@pytest.mark.parametrize("schema", [1, 99])
def test_another_schema_is_refused_with_the_way_on(copy: Path, schema: int) -> None:
    document = json.loads((copy / "manifest.json").read_bytes())
    document["schema"] = schema
    (copy / "manifest.json").write_text(json.dumps(document))
    reason = refused(copy)
    assert f"schema {schema}" in reason and "spanwatch model train" in reason


def model(document: dict) -> dict:
    return document["models"][0]


@pytest.mark.parametrize(
    ("name", "change", "reason"),
    [
        ("novelty.json", lambda d: d.update(more=1), "unknown field"),
        ("novelty.json", lambda d: d["conversations"].append(d["conversations"][0]), "conversation twice"),
        ("novelty.json", lambda d: d["conversations"][0].update(standing="trusted"), "standing that does not exist"),
        ("novelty.json", lambda d: d["conversations"][0].update(followed=[[0, 9999]]), "transition to an operation"),
        (
            "novelty.json",
            lambda d: d["conversations"][0]["operations"].append(d["conversations"][0]["operations"][0]),
            "operation twice",
        ),
        ("novelty.json", lambda d: d["conversations"][0]["operations"][0].update(requests=-1), "expected form"),
        ("rhythm.json", lambda d: d["channels"].append(d["channels"][0]), "channel twice"),
        ("rhythm.json", lambda d: d["channels"][0]["beats"][0].update(period=-1.0), "expected form"),
        ("rhythm.json", lambda d: d["calibration"].update(method="magic"), "calibration that cannot be"),
        ("rhythm.json", lambda d: d["calibration"].update(line=-1.0), "calibration out of order"),
        ("window.json", lambda d: model(d).update(columns=["a"]), "other features"),
        ("window.json", lambda d: model(d).update(center=[0.0]), "columns of different lengths"),
        ("window.json", lambda d: model(d)["scale"].__setitem__(0, 0.0), "expected form"),
        ("window.json", lambda d: model(d)["quantiles"][0].reverse(), "quantiles"),
        ("window.json", lambda d: model(d).update(trees=3), "trees"),
        ("window.json", lambda d: model(d).update(samples=2), "deeper than its samples allow"),
        ("window.json", lambda d: d["models"].append(d["models"][0]), "two forests"),
        ("window.json", lambda d: d["models"].clear(), "exactly the arrays"),
    ],
)
def test_a_document_that_does_not_fit_is_refused_although_its_digest_does(
    copy: Path, name: str, change: Callable[[dict], None], reason: str
) -> None:
    if name == "window.json" and reason == "quantiles":
        edit(copy, name, lambda d: model(d)["quantiles"][0].__setitem__(0, 1e9))
    else:
        edit(copy, name, change)
    assert reason in refused(copy)


def arrays_of(baseline: Baseline) -> dict[str, np.ndarray]:
    return {f"0.{key}": getattr(baseline.state(Windows).forests[0], key) for key in KEYS}


def raw(members: list[tuple[str, bytes]], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", compression) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return target.getvalue()


def npy(array: np.ndarray, **changes: object) -> bytes:
    target = io.BytesIO()
    np.lib.format.write_array(target, array, **changes)  # type: ignore[arg-type]
    return target.getvalue()


def with_forest(copy: Path, data: bytes) -> str:
    (copy / "forest.npz").write_bytes(data)
    seal_again(copy)
    return refused(copy)


def test_a_zip_bomb_is_refused_before_it_unpacks(copy: Path) -> None:
    names = [f"0.{key}.npy" for key in KEYS]
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            with archive.open(name, "w") as member:
                for _ in range(48):
                    member.write(bytes(1 << 20))
    assert "would unpack to more than" in with_forest(copy, target.getvalue())


def test_headers_that_lie_about_their_length_are_refused(copy: Path, baseline: Baseline) -> None:
    members = []
    for name, array in arrays_of(baseline).items():
        data = bytearray(npy(array))
        if name == "0.path":
            length = f"({len(array)},)".encode()
            data = bytearray(bytes(data).replace(length, b"(" + b"9" * (len(length) - 3) + b",)"))
        members.append((f"{name}.npy", bytes(data)))
    assert "announces another length" in with_forest(copy, raw(members))


@pytest.mark.parametrize("kind", ["object", "complex", "matrix", "fortran", "float32"])
def test_other_types_and_shapes_are_refused(copy: Path, baseline: Baseline, kind: str) -> None:
    arrays = arrays_of(baseline)
    path = arrays["0.path"]
    changed = {
        "object": np.array([None], dtype=object),
        "complex": path.astype(complex),
        "matrix": path.reshape(1, -1),
        "fortran": np.asfortranarray(np.stack((path, path))),
        "float32": path.astype(np.float32),
    }[kind]
    members = [(f"{name}.npy", npy(changed if name == "0.path" else array)) for name, array in arrays.items()]
    assert "another" in with_forest(copy, raw(members))


def test_arrays_of_the_wrong_known_type_are_refused(copy: Path, baseline: Baseline) -> None:
    arrays = arrays_of(baseline)
    arrays["0.left"] = arrays["0.left"].astype("<f8")
    assert "another number type" in with_forest(copy, pack(arrays))


@pytest.mark.parametrize("compression", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_other_compressions_are_refused(copy: Path, baseline: Baseline, compression: int) -> None:
    members = [(f"{name}.npy", npy(array)) for name, array in arrays_of(baseline).items()]
    assert "another compression" in with_forest(copy, raw(members, compression))


def test_cycles_nan_and_children_elsewhere_are_refused_although_every_digest_fits(
    copy: Path, baseline: Baseline
) -> None:
    for key, value in (
        ("left", 0),
        ("right", 2**30),
        ("threshold", float("nan")),
        ("path", float("inf")),
        ("feature", 999),
    ):
        arrays = {name: array.copy() for name, array in arrays_of(baseline).items()}
        inner = int(np.flatnonzero(arrays["0.left"] != np.arange(len(arrays["0.left"])))[3])
        arrays[f"0.{key}"][inner] = value
        assert "forest 0" in with_forest(copy, pack(arrays))


def test_no_damage_of_any_file_does_anything_but_refuse_or_load_the_same(copy: Path, baseline: Baseline) -> None:
    dice = random.Random(7)
    originals = {name: (copy / name).read_bytes() for name in (*FILES, "manifest.json")}
    for _ in range(250):
        name = dice.choice(sorted(originals))
        data = bytearray(originals[name])
        match dice.randrange(4):
            case 0:
                data[dice.randrange(len(data))] ^= 1 << dice.randrange(8)
            case 1:
                del data[dice.randrange(len(data)) :]
            case 2:
                at = dice.randrange(len(data))
                data[at : at + dice.randrange(1, 40)] = dice.randbytes(dice.randrange(0, 40))
            case _:
                data += dice.randbytes(dice.randrange(1, 60))
        (copy / name).write_bytes(bytes(data))
        if name != "manifest.json":
            seal_again(copy)
        with contextlib.suppress(BaselineError):
            judge(load(copy), LIVE)
        for original, content in originals.items():
            (copy / original).write_bytes(content)


def test_packed_arrays_come_back_and_only_under_their_names() -> None:
    arrays = {"a": np.arange(5, dtype="<i4"), "b": np.array([0.5], dtype="<f8"), "c": np.zeros(0, dtype="<i2")}
    data = pack(arrays)
    assert all(np.array_equal(unpack(data, ("a", "b", "c"), 10_000)[name], array) for name, array in arrays.items())
    assert pack(arrays) == data
    for names in (("a",), ("a", "b", "c", "d"), ("b", "a", "c")):
        with pytest.raises(ValueError, match="exactly the arrays"):
            unpack(data, names, 10_000)


def test_structs_of_a_baseline_hold_no_time_of_the_machine(saved: Path) -> None:
    text = b"".join((saved / name).read_bytes() for name in names_in(saved))
    assert msgspec.json.decode((saved / "manifest.json").read_bytes())["origin"]["last"] > 0
    assert b"mtime" not in text
    with zipfile.ZipFile(saved / "forest.npz") as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
