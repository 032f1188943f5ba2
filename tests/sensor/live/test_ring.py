from __future__ import annotations

import fcntl
import socket
import struct
import subprocess
from pathlib import Path

import pytest

from dissectors.wire.sink import PacketSink
from sensor.capture.reader import read
from sensor.live.error import LiveError
from sensor.live.ring import PACKET_IGNORE_OUTGOING, SOL_PACKET, Ring, RingSize
from sensor.worker import Worker
from tests.sensor.live.wires import Cable, Keep, listen, needs_root, normal, run, udp

pytestmark = needs_root
SMALL = RingSize(blocks=16)
TUNNEL = Path("/dev/net/tun")


def tagged(frame: bytes, *tags: bytes) -> bytes:
    return frame[:12] + b"".join(tags) + frame[12:]


def test_every_frame_arrives_as_the_same_bytes_in_order() -> None:
    frames = normal()
    with Cable() as cable, Ring("tap0", 0, 1, SMALL) as ring:
        ring.map()
        cable.send(frames)
        kept = listen([ring], len(frames))
        assert kept.frames == frames
        assert [original for _, _, original, _ in kept.kept] == [len(frame) for frame in frames]
        times = [time for time, *_ in kept.kept]
        assert times == sorted(times) and times[0] > 1_700_000_000 * 10**9


def test_vlan_tags_that_the_kernel_took_out_are_put_back() -> None:
    plain = udp("10.0.0.1", "10.0.0.2")
    single, service, inner = b"\x81\x00\x60\x64", b"\x88\xa8\x00\xc8", b"\x81\x00\x00\x07"
    frames = [
        plain,
        tagged(plain, single),
        tagged(plain, b"\x81\x00\x00\x00"),
        tagged(plain, service, inner),
        tagged(plain, single, inner),
        tagged(plain, b"\x91\x00\x00\x09"),
        plain,
        tagged(plain, service, inner, single),
    ]
    with Cable() as cable, Ring("tap0", 0, 1, SMALL) as ring:
        ring.map()
        cable.send(frames)
        kept = listen([ring], len(frames))
        assert kept.frames == frames
        assert [original for _, _, original, _ in kept.kept] == [len(frame) for frame in frames]


class Tee(PacketSink):
    """Gives a worker each packet and keeps it."""

    def __init__(self, worker: Worker) -> None:
        super().__init__()
        self.worker = worker
        self.keep = Keep()

    def packet(self, block: bytes, start: int, captured: int, original: int, time: int, link: int) -> None:
        self.keep.packet(block, start, captured, original, time, link)
        self.worker.wire.packet(block, start, captured, original, time, link)

    def source(self, name: str, interface: str) -> None:
        self.worker.wire.source(name, interface)

    def end_of_block(self) -> None:
        self.worker.wire.end_of_block()


def without_origin(facts: list) -> list[str]:
    return [repr(fact).replace("tap0", "").replace("again.pcap", "") for fact in facts]


def test_facts_of_live_packets_are_the_facts_of_their_capture(tmp_path) -> None:
    frames = [*normal(), *(tagged(frame, b"\x81\x00\x00\x64") for frame in normal()[:200])]
    live = Worker()
    with Cable() as cable, Ring("tap0", 0, 1, SMALL) as ring:
        ring.map()
        cable.send(frames)
        tee = Tee(live)
        listen([ring], len(frames), tee)
    reported = live.finish()
    from tools.bench.frame import PCAP_HEADER, record

    capture = tmp_path / "again.pcap"
    capture.write_bytes(PCAP_HEADER + b"".join(record(time, frame) for time, frame, _, _ in tee.keep.kept))
    replayed = Worker()
    read([capture], replayed.wire)
    again = replayed.finish()
    assert len(reported) > 100
    assert without_origin(reported) == without_origin(again)


def test_what_overflows_a_ring_is_counted_to_the_packet() -> None:
    frames = [udp("10.0.0.1", "10.0.0.2", 1000 + number, b"x" * 400) for number in range(3000)]
    with Cable() as cable, Ring("tap0", 0, 1, RingSize(block_bytes=1 << 16, blocks=4)) as ring:
        ring.map()
        cable.send(frames, pause=0)
        ring.shut()
        cable.send(frames[:10])
        keep = Keep()
        from sensor.live.feed import Feed

        feed = Feed([ring], keep)
        while not ring.drained():
            feed.step(0)
        assert ring.ring_counters.arrived == len(frames)
        assert ring.ring_counters.dropped > 0
        assert feed.packets > 0
        assert feed.packets + ring.ring_counters.dropped == len(frames)


def test_a_frame_longer_than_a_block_is_cut_and_reported_as_cut() -> None:
    long = udp("10.0.0.1", "10.0.0.2", payload=b"y" * 65_480)
    with Cable(0) as cable:
        cable.plug(0, mtu=65_535)
        with Ring("tap0", 0, 1, RingSize(block_bytes=1 << 16, blocks=4)) as ring:
            ring.map()
            cable.send([long])
            kept = listen([ring], 1)
        (_, frame, original, _), = kept.kept  # fmt: skip
        assert original == len(long)
        assert 65_000 < len(frame) < len(long)
        assert long.startswith(frame)
        with Ring("tap0", 0, 1, SMALL) as ring:
            ring.map()
            cable.send([long])
            assert listen([ring], 1).frames == [long]


def test_a_second_reader_of_a_ring_goes_on_where_the_first_stopped() -> None:
    frames = [udp("10.0.0.1", "10.0.0.2", 1000 + number, b"x" * 900) for number in range(1200)]
    with Cable() as cable, Ring("tap0", 0, 1, SMALL) as ring:
        ring.map()
        read_first: list[bytes] = []
        for start in (0, 400, 800):
            cable.send(frames[start : start + 400])
            read_first += listen([ring], 400).frames
            ring.place = 0
            ring.map()
        assert read_first == frames


def test_two_interfaces_are_read_in_order_of_time() -> None:
    with Cable(2) as cable, Ring("tap0", 0, 1, SMALL) as one, Ring("tap1", 0, 1, SMALL) as two:
        one.map()
        two.map()
        with cable.far_side():
            senders = [socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0) for _ in range(2)]
        for number, sender in enumerate(senders):
            sender.bind((f"wire{number}", 0))
        for number in range(300):
            senders[number % 2].send(udp("10.0.0.1", "10.0.0.2", 1000 + number))
        for sender in senders:
            sender.close()
        kept = listen([one, two], 300)
        ports = [int.from_bytes(frame[36:38], "big") for frame in kept.frames]
        assert ports == list(range(1000, 1300))
        assert [name for *_, name in kept.kept] == ["tap0", "tap1"] * 150


def test_only_frames_of_the_own_interface_are_heard() -> None:
    with Cable(2) as cable, Ring("tap0", 0, 1, SMALL) as ring:
        ring.map()
        cable.send([udp("10.0.0.1", "10.0.0.2", 1)] * 50, 1)
        cable.send([udp("10.0.0.1", "10.0.0.2", 2)] * 5, 0)
        assert {frame[36:38] for frame in listen([ring], 5).frames} == {b"\x00\x02"}


def test_the_wire_hears_nothing_from_the_sensor() -> None:
    with Cable() as cable:
        with cable.far_side():
            other = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        with other:
            other.setsockopt(SOL_PACKET, PACKET_IGNORE_OUTGOING, 1)
            other.bind(("wire0", 3))
            other.settimeout(1.0)
            with Ring("tap0", 0, 1, SMALL) as ring:
                ring.map()
                cable.send(normal()[:300])
                listen([ring], 300)
                with pytest.raises(TimeoutError):
                    other.recv(65_535)


def test_loopback_frames_come_once() -> None:
    with Cable():
        run("ip", "link", "set", "lo", "up")
        with Ring("lo", 0, 1, SMALL) as ring, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as speaker:
            ring.map()
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as hearer:
                hearer.bind(("127.0.0.1", 0))
                for number in range(10):
                    speaker.sendto(b"%d" % number, hearer.getsockname())
                frames = listen([ring], 10).frames
        assert [frame[42:] for frame in frames] == [b"%d" % number for number in range(10)]


@pytest.mark.skipif(not TUNNEL.exists(), reason="this kernel has no tun device")
def test_a_tunnel_of_bare_ip_packets_is_read_as_such() -> None:
    packet = udp("10.0.0.1", "10.0.0.2")[14:]
    with Cable(), TUNNEL.open("r+b", buffering=0) as tunnel:
        fcntl.ioctl(tunnel, 0x400454CA, struct.pack("16sH22x", b"tun0", 0x1001))  # TUNSETIFF, IFF_TUN | IFF_NO_PI
        run("ip", "link", "set", "tun0", "up")
        worker = Worker()
        with Ring("tun0", 0, 1, SMALL) as ring:
            ring.map()
            assert ring.device.link == 101
            tunnel.write(packet)
            assert listen([ring], 1).frames == [packet]
            tunnel.write(packet)
            listen([ring], 1, worker.wire)
        assert worker.wire.unread.total == 0


def test_promiscuous_mode_ends_with_the_ring() -> None:
    def promiscuous() -> bool:
        shown = subprocess.run(("ip", "-d", "link", "show", "tap0"), capture_output=True, text=True).stdout
        return "promiscuity 0" not in shown

    with Cable():
        assert not promiscuous()
        with Ring("tap0", 0, 1, SMALL):
            assert promiscuous()
        assert not promiscuous()


def test_a_missing_interface_is_reported_with_those_that_are_there() -> None:
    with Cable(), pytest.raises(LiveError, match="no interface 'eth9'; there are: lo, tap0"):
        Ring("eth9", 0, 1, SMALL)


def test_a_ring_that_does_not_fit_is_reported() -> None:
    with Cable(), pytest.raises(LiveError, match="tap0"):
        Ring("tap0", 0, 1, RingSize(block_bytes=1 << 17, blocks=1 << 24))
