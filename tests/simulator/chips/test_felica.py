"""FeliCa cards: whom they answer, and what."""

import pytest

from simulator.chips.felica import FelicaCard

IDM = bytes.fromhex("0101060112ab34cd")
CARD = FelicaCard(IDM, system_code=0x8001)


def test_polling_requests() -> None:
    for system_code in (0xFFFF, 0x8001, 0xFF01, 0x80FF):
        assert CARD.polled(system_code, 0) == b"\x12\x01" + IDM + CARD.pmm
    for system_code in (0x8002, 0x0001, 0xFF02, 0x81FF):
        assert CARD.polled(system_code, 0) is None
    assert CARD.polled(0xFFFF, 1) == b"\x14\x01" + IDM + CARD.pmm + b"\x80\x01"
    assert CARD.polled(0xFFFF, 2) == b"\x14\x01" + IDM + CARD.pmm + b"\x00\x83"
    assert CARD.command(bytes.fromhex("0600ffff0000")) == CARD.polled(0xFFFF, 0)


def test_commands_that_name_the_card() -> None:
    assert CARD.command(b"\x0a\x04" + IDM) == b"\x0b\x05" + IDM + b"\x00"
    assert CARD.command(b"\x0a\x0c" + IDM) == b"\x0d\x0d" + IDM + b"\x01\x80\x01"
    assert CARD.command(b"\x0d\x02" + IDM + b"\x01\x0b\x00") == b"\x0d\x03" + IDM + b"\x01\xff\xff"


@pytest.mark.parametrize(
    "frame",
    [
        b"",
        b"\x0a",
        b"\x0b\x04" + IDM,  # its length is wrong
        b"\x0a\x04" + bytes(8),  # another card's
        b"\x0b\x04" + IDM + b"\x00",  # too long
        b"\x0a\x06" + IDM,  # a command that it does not know
        b"\x05\x00\xff\xff\x00",  # a polling request without its slots
    ],
)
def test_silence(frame: bytes) -> None:
    assert CARD.command(frame) is None


def test_a_card_has_eight_bytes_of_each() -> None:
    for idm, pmm in ((IDM[1:], CARD.pmm), (IDM, b"")):
        with pytest.raises(ValueError, match="8 bytes"):
            FelicaCard(idm, pmm)
