"""Jobs of S7comm: what a message says is read from its own bytes."""

from __future__ import annotations

import pytest

from dissectors.base.message import REQUEST, RESPONSE, Message
from dissectors.facts import Target, Value
from dissectors.s7.dissector import DISSECTOR
from tests.dissectors.s7.vectors import answer, any_item, byte_count, datum, frame, job, read


def parsed(data: bytes, from_client: bool = True) -> Message:
    message = DISSECTOR.parse(data, 0, len(data), from_client)
    assert message is not None
    return message


def own_detail(message: Message) -> dict[str, Value]:
    """What a message says besides its header."""
    return {name: value for name, value in message.detail.items() if name not in {"pdu_reference", "rosctr"}}


def test_a_message_says_its_reference_and_a_job_what_it_is() -> None:
    setup = byte_count("f0 00 00 01 00 02 01 e0")
    assert parsed(job(0x1234, setup)).detail.items() >= {"pdu_reference": 0x1234, "rosctr": 1}.items()
    replied = parsed(answer(0x1234, setup), from_client=False).detail
    assert replied["pdu_reference"] == 0x1234
    assert "rosctr" not in replied, "the exchange keeps that of the job"


def test_read_names_area_and_bits_of_every_item() -> None:
    message = parsed(
        read(
            0x1234,
            any_item(2, 4, 10, 0x84, 8 * 20),  # DB10, 4 bytes from byte 20
            any_item(1, 1, 0, 0x83, 8 * 3 + 5),  # M3.5
            any_item(4, 2, 0, 0x81, 0),  # two words of inputs
            any_item(0x1D, 2, 0, 0x1D, 7),  # timers 7 and 8
            any_item(2, 1, 3, 0x85, 0),  # DI3
        )
    )
    assert (message.operation, message.verb, message.code, message.kind) == ("read_var", "read", "0x04", REQUEST)
    assert message.targets == [
        Target("DB10", 160, 191),
        Target("M", 29, 29),
        Target("I", 0, 31),
        Target("T", 7, 8),
        Target("DI3", 0, 7),
    ]
    assert message.routine
    assert message.tag == 0x1234
    assert not message.violations


def test_items_of_odd_length_are_padded_and_other_syntaxes_are_named() -> None:
    db_read = byte_count("12 07 b0 01", "06", "00 05", "00 10")  # one area: 6 bytes of DB5 from byte 16; 9 bytes long
    symbolic = byte_count("12 0e b2 ff", "8a 0e", "00 01", "de ad be ef", "20 00 00 09")  # DB1, CRC, one LID
    nck = byte_count("12 08 82", "41", "00 0a", "00 02", "7f", "03")  # channel 1, column 10, lines 2 to 4, module S
    drive = byte_count("12 0a a2 00 00 00 00 00 03 e8 00 02")  # parameter 1000, index 2
    message = parsed(read(1, db_read + b"\x00", symbolic, nck, drive))
    assert message.targets == [
        Target("DB5", 128, 175),
        Target("symbolic", 0xDEADBEEF, 0xDEADBEEF),
        Target("nck.C1.0x7f.10", 2, 4),
        Target("drive_parameter.2", 1000, 1000),
    ]
    assert not message.violations


def test_a_write_gives_the_values_of_each_type() -> None:
    items = [
        any_item(1, 1, 0, 0x82, 12),  # Q1.4
        any_item(2, 3, 1, 0x84, 0),  # three bytes
        any_item(5, 2, 1, 0x84, 80),  # two ints
        any_item(8, 1, 1, 0x84, 160),  # real
        any_item(6, 1, 1, 0x84, 240),  # dword
    ]
    data = (
        datum(0, 3, 1, b"\x01", pad=True)
        + datum(0, 4, 24, b"\x01\x02\x03", pad=True)
        + datum(0, 4, 32, b"\xff\xfe\x00\x07")
        + datum(0, 7, 4, byte_count("41 48 00 00"))
        + datum(0, 4, 32, byte_count("80 00 00 01"))
    )
    message = parsed(job(2, bytes((5, len(items))) + b"".join(items), data))
    assert (message.operation, message.verb, message.routine) == ("write_var", "write", False)
    assert message.targets[0] == Target("Q", 12, 12)
    assert message.values == [1, 1, 2, 3, -2, 7, 12.5, 0x80000001]
    assert not message.violations


def test_values_are_cut_at_64_an_item_and_the_rest_is_counted() -> None:
    data = datum(0, 4, 800, bytes(100))
    message = parsed(job(2, b"\x05\x01" + any_item(2, 100, 1, 0x84, 0), data))
    assert len(message.values) == 64
    assert message.detail["values_left"] == 36


def test_a_failed_item_names_the_error_and_leaves_the_others_readable() -> None:
    data = datum(0xFF, 4, 16, b"\x12\x34") + datum(0x0A, 0, 4, b"") + datum(0x05, 0, 0, b"")
    message = parsed(answer(9, b"\x04\x03", data), from_client=False)
    assert message.kind == RESPONSE
    assert (message.error, message.error_code) == ("object_does_not_exist", 0x0A)
    assert own_detail(message) == {"item_error": "object_does_not_exist", "failed_items": 2}
    assert message.values == [0x12, 0x34]


@pytest.mark.parametrize(
    ("code", "name"),
    [
        (1, "hardware"),
        (3, "access_denied"),
        (5, "invalid_address"),
        (6, "type_not_supported"),
        (7, "type_inconsistent"),
    ],
)
def test_return_codes_of_a_write_are_named(code: int, name: str) -> None:
    message = parsed(answer(9, b"\x05\x02", bytes((0xFF, code))), from_client=False)
    assert (message.error, message.error_code, message.detail["failed_items"]) == (name, code, 1)


@pytest.mark.parametrize(
    ("code", "name"),
    [
        (0x8104, "service_not_supported"),
        (0x8500, "wrong_pdu_size"),
        (0x8703, "object_refused"),
        (0xD241, "protection_level"),
        (0x8199, "unknown_0x8199"),
    ],
)
def test_header_errors_are_named_and_unknown_ones_keep_their_number(code: int, name: str) -> None:
    message = parsed(answer(9, b"\x04", error=code), from_client=False)
    assert (message.operation, message.error, message.error_code) == ("read_var", name, code)


def test_setup_reports_what_is_negotiated() -> None:
    message = parsed(job(0, byte_count("f0 00 00 01 00 02 01 e0")))
    assert (message.operation, message.verb) == ("setup_communication", "session")
    assert own_detail(message) == {"parallel_calling": 1, "parallel_called": 2, "pdu_length": 480}


def test_a_download_request_names_the_block_its_file_system_and_lengths() -> None:
    parameters = byte_count("1a 00 01 00 00 00 00 00 09") + b"_0A00012P" + b"\x0d1000216000088"
    message = parsed(job(3, parameters))
    assert (message.operation, message.verb) == ("request_download", "program")
    assert message.targets == [Target("DB", 12, 12)]
    assert own_detail(message) == {"file_system": "P", "length": "000216", "code_length": "000088"}


def test_download_block_and_its_end_are_the_servers_jobs() -> None:
    block = byte_count("1b 00 00 00 00 00 00 00 09") + b"_0800001P"
    message = parsed(job(0x65, block), from_client=False)
    assert (message.kind, message.operation, message.targets) == (REQUEST, "download_block", [Target("OB", 1, 1)])
    reply = parsed(answer(0x65, b"\x1b\x01", byte_count("00 02 00 fb aa bb")), from_client=True)
    assert (reply.kind, reply.tag) == (RESPONSE, message.tag)
    assert reply.tag != parsed(job(0x65, byte_count("f0 00 00 01 00 01 00 f0"))).tag
    ended = parsed(job(0x66, byte_count("1c 00 00 00 00 00 00 00 09") + b"_0800001P"), from_client=False)
    assert ended.operation == "download_ended"


def test_upload_reports_its_id() -> None:
    started = parsed(answer(4, byte_count("1d 00 01 00 00 00 00 07 07") + b"0000136"), from_client=False)
    assert own_detail(started) == {"transfer": 7, "length": "0000136"}
    assert own_detail(parsed(job(5, byte_count("1e 00 00 00 00 00 00 07")))) == {"transfer": 7}
    assert parsed(job(6, byte_count("1f 00 00 00 00 00 00 07"))).operation == "end_upload"
    asked = parsed(job(4, byte_count("1d 00 00 00 00 00 00 00 09") + b"_0E00003A"))
    assert asked.targets == [Target("FB", 3, 3)]


def service(name: bytes, argument: bytes = b"") -> bytes:
    """28, seven constant bytes, length and argument, length and name."""
    head = byte_count("28 00 00 00 00 00 00 fd") + len(argument).to_bytes(2, "big") + argument
    return job(8, head + bytes((len(name),)) + name)


@pytest.mark.parametrize(
    ("name", "argument", "operation", "verb"),
    [
        (b"P_PROGRAM", b"", "plc_start", "start_stop"),
        (b"_MODU", b"EP", "copy_ram_to_rom", "program"),
        (b"_GARB", b"", "compress_memory", "control"),
        (b"_N_F_DELE", b"A", "nc_delete_file", "file"),
        (b"_N_XYZ", b"", "program_service__N_XYZ", "program"),
    ],
)
def test_program_services_have_a_name_and_a_verb(name: bytes, argument: bytes, operation: str, verb: str) -> None:
    message = parsed(service(name, argument))
    assert (message.operation, message.verb, message.code) == (operation, verb, f"0x28 {name.decode()}")


def test_a_cold_start_is_reported_from_a_warm_one() -> None:
    assert parsed(service(b"P_PROGRAM", b"C ")).detail["start"] == "cold"
    assert parsed(service(b"P_PROGRAM")).detail["start"] == "warm"


def test_inserted_and_deleted_blocks_are_targets() -> None:
    message = parsed(service(b"_INSE", b"\x02\x000800001P0A00002P"))
    assert message.targets == [Target("OB", 1, 1), Target("DB", 2, 2)]
    assert parsed(service(b"_DELE", b"\x01\x000B00000B")).targets == [Target("SDB", 0, 0)]


def test_stop_is_start_stop() -> None:
    message = parsed(job(0x35, byte_count("29 00 00 00 00 00 09") + b"P_PROGRAM"))
    assert (message.operation, message.verb, own_detail(message)) == (
        "plc_stop",
        "start_stop",
        {"argument": "P_PROGRAM"},
    )


def names(message: Message) -> list[str]:
    return [found.name for found in message.violations]


def test_what_is_wrong_but_readable_is_named() -> None:
    whole = read(1, any_item(2, 1, 1, 0x84, 0))
    assert names(parsed(whole[:9] + whole[9:13] + b"\x00\x20" + whole[15:])) == ["length"]
    assert names(parsed(read(1))) == ["item_count"]
    assert names(parsed(job(1, b"\x04\x02" + any_item(2, 1, 1, 0x84, 0)))) == ["item_count"]
    assert names(parsed(read(1, byte_count("12 04 77 00 00 00")))) == ["item_syntax"]
    assert names(parsed(job(1, b"\x77"))) == ["function"]
    assert names(parsed(frame(byte_count("32 05 00 00 00 01 00 00 00 00")))) == ["rosctr"]
    wrong = parsed(job(1, b"\x05\x01" + any_item(2, 4, 1, 0x84, 0), datum(0, 4, 32, b"\x01")))
    assert names(wrong) == ["length"]
    assert wrong.values == [1]
