"""The shipper is kept running and never waited for."""

from __future__ import annotations

from pathlib import Path

from sensor.elastic.settings import Settings
from sensor.live.shipping import MAX_DELAY, Shipping

SETTINGS = Settings(urls=("http://localhost:9200",))


class Fake:
    def __init__(self) -> None:
        self.is_running = True
        self.ended: list[str] = []

    def drain(self, seconds: float) -> bool:
        self.ended.append("drain")
        return True

    def stop(self) -> None:
        self.ended.append("stop")


def test_a_shipper_that_ends_is_started_again_later_each_time() -> None:
    now, made = [0.0], []

    def start(path: Path, settings: Settings) -> Fake:
        made.append(Fake())
        return made[-1]

    shipping = Shipping(Path("s.db"), SETTINGS, start, lambda: now[0])  # type: ignore[arg-type]
    for _ in range(7_200):
        shipping.see_to()
        made[-1].is_running = False
        now[0] += 1
    assert 7_200 / MAX_DELAY <= shipping.starts <= 7_200 / MAX_DELAY + 10


def test_a_shipper_that_cannot_be_started_stops_nobody() -> None:
    def start(path: Path, settings: Settings) -> Fake:
        raise OSError("no memory")

    shipping = Shipping(Path("s.db"), SETTINGS, start, lambda: 0.0)  # type: ignore[arg-type]
    shipping.see_to()
    shipping.stop()
    assert shipping.starts == 1


def test_documents_may_leave_before_the_end() -> None:
    fake = Fake()
    shipping = Shipping(Path("s.db"), SETTINGS, lambda *_: fake, lambda: 0.0)  # type: ignore[arg-type, return-value]
    shipping.see_to()
    shipping.stop()
    assert fake.ended == ["drain", "stop"]
