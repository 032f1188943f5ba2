"""The packet clock knows when a second, a sweep and a window are over, and when it was set."""

from __future__ import annotations

import pytest

from dissectors.facts import Health
from dissectors.wire.clock import (
    FREE_JUMPS,
    JUMP_SECONDS,
    LEAP_SECONDS,
    SECOND,
    SWEEP_SECONDS,
    WINDOW_SECONDS,
    Clock,
)
from tests.dissectors.harness import Packet, ethernet, ip4, of, run, udp

NOON = 1_700_000_040 * SECOND


def running() -> Clock:
    clock = Clock()
    clock.start_window(NOON)
    clock.reach(NOON)
    clock.now = NOON
    return clock


def test_a_clock_runs_from_its_first_packet_on() -> None:
    assert not Clock().runs()
    assert running().runs()


def test_windows_begin_at_whole_minutes_wherever_the_first_packet_lies() -> None:
    clock = Clock()
    clock.start_window(NOON + 17 * SECOND + 5)
    assert clock.window_start == NOON
    assert clock.window_end == NOON + WINDOW_SECONDS * SECOND


def test_a_sweep_is_due_at_once_and_then_every_few_seconds() -> None:
    clock = running()
    assert clock.is_sweep_due(NOON)
    assert not clock.is_sweep_due(NOON + SECOND)
    assert clock.is_sweep_due(NOON + SWEEP_SECONDS * SECOND)


@pytest.mark.parametrize(
    ("step", "jumped"),
    [(0, False), (-JUMP_SECONDS, False), (-JUMP_SECONDS - 1, True), (LEAP_SECONDS, False), (LEAP_SECONDS + 1, True)],
)
def test_a_step_too_far_back_or_ahead_is_a_jump(step: int, jumped: bool) -> None:
    assert running().has_jumped(NOON + step * SECOND) is jumped


def test_a_second_is_over_when_the_next_one_begins() -> None:
    clock = running()
    clock.reach(NOON + 1)
    assert clock.next_second == NOON + SECOND


@pytest.mark.parametrize("hours", [1, 30])
def test_a_clock_that_goes_back_and_forth_does_not_close_a_window_with_each_packet(hours: int) -> None:
    frame = ethernet(ip4(udp(b"words")))
    frames = [Packet(frame, time=NOON + (turn % 2) * hours * 3600 * SECOND) for turn in range(2000)]
    windows = of(run(frames), Health)
    assert FREE_JUMPS <= len(windows) < 4 * FREE_JUMPS
    assert sum(window.counters["clock_jumps"] for window in windows) > 900
