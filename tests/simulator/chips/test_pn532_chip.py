"""The simulated PN532 on its serial link: frames, waking, rates, abort, commands."""

import pytest

from simulator.chips.felica import FelicaCard
from simulator.chips.pn532 import ABORT_US, ACK_US, PROGRAM_US
from simulator.chips.pn532_frames import encode
from tests.simulator.chips.pn532_host import (
    ACK,
    ERROR,
    FIELD_OFF,
    FIELD_ON,
    NACK,
    POLL_212,
    SAM,
    WAKE_UP,
    Host,
    retries,
)

CARD = FelicaCard(bytes.fromhex("0101060112ab34cd"))
VERSION = bytes.fromhex("02")
VERSION_ANSWER = bytes.fromhex("0000ff06fad50332010607e800")


def test_version_byte_for_byte_and_in_time() -> None:
    host = Host()
    end_us = host.send(bytes.fromhex("0000ff02fed4022a00"))
    acknowledgement, answer = host.run_ms(10)
    assert acknowledgement == (end_us + ACK_US, ACK, 115200)
    assert acknowledgement.end_us == end_us + ACK_US + 521
    assert answer == (acknowledgement.end_us + PROGRAM_US, VERSION_ANSWER, 115200)


def test_a_sleeping_chip_needs_five_rising_edges() -> None:
    host = Host(is_awake=False)
    assert host.chip.due_us is None
    host.send(bytes(4))
    host.run_ms(10)
    assert host.exchange(VERSION) == []  # its own edges woke the chip
    assert host.exchange(VERSION) == [ACK, VERSION_ANSWER]
    for wake_up in (WAKE_UP, bytes(10)):
        host = Host(is_awake=False)
        host.send(wake_up + encode(b"\xd4" + VERSION))
        assert [burst.data for burst in host.run_ms(10)] == [ACK, VERSION_ANSWER]


def test_power_down_sleeps_until_edges_come() -> None:
    host = Host()
    host.command(FIELD_ON)
    assert host.command(bytes.fromhex("16b0")) == b"\x00"
    assert host.chip.field.on_since_us is None
    host.send(bytes(4))
    host.run_ms(1)
    host.send(WAKE_UP)
    assert host.exchange(VERSION) == [ACK, VERSION_ANSWER]


@pytest.mark.parametrize("garbage", ["00", "ff", "0000", "0000ff", "55aa", "0000ff05fb", "00ff00"])
def test_a_command_behind_garbage_is_heard_at_the_latest_the_second_time(garbage: str) -> None:
    host = Host()
    host.send(bytes.fromhex(garbage))
    first = host.exchange(VERSION)
    assert first in ([], [ACK, VERSION_ANSWER])
    assert host.exchange(VERSION)[-2:] == [ACK, VERSION_ANSWER]


@pytest.mark.parametrize("index", range(8))
def test_a_damaged_command_is_not_obeyed(index: int) -> None:
    host = Host()
    frame = bytearray(encode(b"\xd4" + VERSION))
    frame[index] ^= 0x08
    host.send(bytes(frame))
    assert host.run_ms(10) == []
    assert host.exchange(VERSION) == [ACK, VERSION_ANSWER]


@pytest.mark.parametrize(
    "contents",
    [
        "d4",  # no command
        "d502",  # not from the host
        "d4ee",  # no such command
        "d44a0101",  # FeliCa without its request
        "d44a030100ffff0100",  # three targets
        "d43205ff01",  # a setting of the wrong length
        "d41009",  # no such rate
        "d40663",  # half a register
        "d41400",  # no such mode
    ],
)
def test_what_the_chip_does_not_understand_gives_an_error_frame(contents: str) -> None:
    host = Host()
    host.send(encode(bytes.fromhex(contents)))
    assert [burst.data for burst in host.run_ms(10)] == [ACK, ERROR]


def test_the_longest_frame_is_extended_both_ways() -> None:
    """The communication test with which nfcpy begins."""
    host = Host()
    line = b"\x00" + bytes(i & 0xFF for i in range(262))
    assert encode(b"\xd4\x00" + line)[:8] == bytes.fromhex("0000ffffff0109f6")
    assert host.command(b"\x00" + line, within_ms=200) == line


def test_a_refusal_repeats_the_last_answer_without_acknowledgement() -> None:
    host = Host()
    host.command(VERSION)
    host.send(NACK)
    assert [burst.data for burst in host.run_ms(10)] == [VERSION_ANSWER]


def test_an_acknowledgement_from_the_host_aborts() -> None:
    host = Host()
    host.send_command(POLL_212)
    assert [burst.data for burst in host.run_ms(50)] == [ACK]
    host.send(ACK)
    assert host.chip.due_us is None
    assert host.exchange(VERSION) == []  # too early: deaf for a moment
    host.send_command(POLL_212)
    host.run_ms(50)
    aborted_us = host.send(ACK)
    host.run_until(aborted_us + ABORT_US)
    assert host.exchange(VERSION) == [ACK, VERSION_ANSWER]
    host.send(ACK)
    assert host.exchange(VERSION) == [ACK, VERSION_ANSWER]  # nothing to abort: not deaf


def test_a_new_command_takes_the_place_of_the_one_that_runs() -> None:
    host = Host()
    host.chip.present(CARD, host.now_us)
    host.send_command(POLL_212)
    assert host.exchange(VERSION) == [ACK, VERSION_ANSWER]
    assert host.run_ms(100) == []


def test_the_rate_changes_after_the_hosts_acknowledgement() -> None:
    host = Host()
    host.command(bytes.fromhex("1007"))
    assert host.chip.baud == 115200
    assert host.exchange(VERSION) == [ACK, VERSION_ANSWER]  # not acknowledged: no change
    host.command(bytes.fromhex("1007"))
    host.send(ACK)
    assert host.chip.baud == 921600
    host.baud = 921600
    host.command(VERSION)
    assert {burst.baud for burst in host.bursts[-2:]} == {921600}
    host.baud = 115200
    assert host.exchange(VERSION) == []
    assert host.chip.garbled_bytes == 9


def test_the_hosts_new_rate_stands_for_a_lost_acknowledgement() -> None:
    host = Host()
    host.chip.see_host_rate(921600)
    assert host.chip.baud == 115200
    host.command(bytes.fromhex("1007"))
    host.chip.see_host_rate(460800)
    assert host.chip.baud == 115200
    host.chip.see_host_rate(921600)
    assert host.chip.baud == 921600


def test_a_reset_forgets_everything() -> None:
    host = Host()
    host.command(retries(1))
    host.command(FIELD_ON)
    host.command(bytes.fromhex("1007"))
    host.send(ACK)
    host.chip.reset()
    assert host.chip.baud == 115200
    assert host.chip.field.on_since_us is None
    assert host.exchange(VERSION) == []  # asleep again
    host.send_command(POLL_212)
    host.run_ms(2000)
    assert host.bursts[-1].data == ACK  # polls for ever again


def test_a_dead_chip_is_silent_until_revived() -> None:
    host = Host()
    host.send_command(VERSION)
    host.chip.die()
    assert host.exchange(VERSION) == []
    assert host.chip.due_us is None
    host.chip.revive()
    host.send(WAKE_UP)
    assert host.exchange(VERSION) == [ACK, VERSION_ANSWER]


def test_registers_follow_the_field() -> None:
    host = Host()
    read = bytes.fromhex("066304")
    assert host.command(read) == b"\x80"
    host.command(FIELD_ON)
    assert host.command(read) == b"\x83"
    host.command(FIELD_OFF)
    assert host.command(read) == b"\x80"
    host.command(bytes.fromhex("08630483"))
    assert host.chip.field.on_since_us is not None
    assert host.command(bytes.fromhex("0863021263031a")) == b""
    assert host.command(bytes.fromhex("0663026303")) == b"\x12\x1a"


def test_other_commands_of_the_set() -> None:
    host = Host()
    assert host.command(SAM) == b""
    assert host.command(bytes.fromhex("1200")) == b""
    assert host.command(bytes.fromhex("0001")) == b"\x00"
    assert host.command(bytes.fromhex("04")) == bytes.fromhex("00000080")
    assert host.command(bytes.fromhex("5201")) == b"\x27"
    assert host.command(bytes.fromhex("5200")) == b"\x00"
    for setting in ("02000b0a", "0400", "05010001", "0a59f43f114d85616f266287"):
        assert host.command(b"\x32" + bytes.fromhex(setting)) == b""


def test_data_exchange_with_a_listed_card() -> None:
    host = Host()
    request = bytes.fromhex("0a04") + CARD.idm
    answer = bytes.fromhex("0b05") + CARD.idm + b"\x00"
    assert host.command(b"\x40\x01" + request) == b"\x27"  # nothing listed yet
    host.command(retries(5))
    host.chip.present(CARD, host.now_us)
    assert host.command(POLL_212)[0] == 1
    assert host.command(b"\x40\x01" + request) == b"\x00" + answer
    assert host.command(b"\x42" + request) == b"\x00" + answer
    assert host.command(bytes.fromhex("04")) == bytes.fromhex("000101010101") + b"\x10\x80"
    assert host.command(bytes.fromhex("5201")) == b"\x00"
    host.chip.remove(host.now_us)
    assert host.command(b"\x42" + request) == b"\x01"


def test_the_chips_own_timeout_bounds_an_exchange() -> None:
    host = Host()
    host.command(FIELD_ON)
    host.command(bytes.fromhex("3202000b01"))
    host.send_command(b"\x42" + bytes.fromhex("0a04") + CARD.idm)
    acknowledgement, answer = host.run_ms(100)
    sent_us = round((10 + 10) * 8 * 64 / 13.56)
    assert answer.start_us - acknowledgement.end_us == PROGRAM_US + sent_us + 100
