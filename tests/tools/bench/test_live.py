from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from sensor.live.error import LiveError
from tests.sensor.live.wires import Cable, needs_root
from tools.bench import live
from tools.bench.cable import Cable as BenchCable
from tools.bench.mix import write
from tools.bench.sender import Sender

pytestmark = needs_root


def spaces() -> list[str]:
    return subprocess.run(("ip", "netns", "list"), capture_output=True, text=True).stdout.split()


def test_the_bench_gives_a_lossless_rate_and_leaves_no_namespace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "TRIAL_SECONDS", 0.2)
    monkeypatch.setattr(live, "STEPS", 2)
    home = Path("/proc/self/ns/net").readlink()
    own, suricata = live.measure(4_000, 20, 1)
    assert own.name == "spanwatch, 1 worker"
    assert own.rate >= 0
    assert own.note
    assert suricata.name == "suricata"
    assert not [name for name in spaces() if name.startswith(f"spanwatch-bench-near-{os.getpid()}")]
    assert Path("/proc/self/ns/net").readlink() == home


def test_the_sender_refuses_a_namespace_with_other_interfaces(tmp_path: Path) -> None:
    write(tmp_path / "mix.pcap", 100, 20)
    with Cable(2) as cable, cable.far_side(), pytest.raises(ValueError, match="other interfaces than wire0: wire1"):
        Sender(tmp_path / "mix.pcap", "wire0")


def test_without_root_the_bench_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(LiveError, match="sudo spanwatch bench --live"):
        BenchCable()


@pytest.mark.parametrize(
    ("trial", "lossless"),
    [
        (live.Trial(1000, 3000, 0, 0), True),
        (live.Trial(1000, 3000, 0, 200), True),
        (live.Trial(1000, 3000, 0, 201), False),
        (live.Trial(1000, 3000, 1, 0), False),
        (live.Trial(1000, 0, 0, 0), False),
    ],
)
def test_a_rate_is_lossless_only_when_nothing_is_dropped_and_little_is_unread(
    trial: live.Trial, lossless: bool
) -> None:
    assert trial.lossless is lossless
