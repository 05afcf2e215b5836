"""nfcpy's own driver and the simulated chip: senses, tags, reopening, a crash that we mend."""

from __future__ import annotations

from collections.abc import Iterator

import nfc
import nfc.clf
import nfc.tag
import pytest
import serial

from hal.pn532 import Pn532
from simulator.chips.felica import FelicaCard
from simulator.chips.iso14443b import Iso14443bCard
from tests.simulator.chips.lite_s_card import LiteSCard
from tests.simulator.chips.nfcpy_rig import NfcpyRig, nfcpy_rig, sensed
from tests.simulator.chips.nfcpy_thousand import misses

IDM = "0101060112AB34CD"
CARD = FelicaCard(bytes.fromhex(IDM))
KEY = b"sixteen bytes! :"


@pytest.fixture
def rig() -> Iterator[NfcpyRig]:
    with nfcpy_rig() as made:
        yield made


def test_a_thousand_senses_without_a_miss() -> None:
    """At 212 and at 424 kbit/s in turn."""
    assert misses(1000) == 0


def test_nfcpy_senses_what_is_there(rig: NfcpyRig) -> None:
    frontend = rig.open()
    assert str(frontend.device).startswith("PN532v1.6")
    assert frontend.device.chipset.transport.baudrate == rig.chip.baud == 921600
    assert sensed(frontend, "212F") is None
    rig.present(CARD)
    assert [sensed(frontend, kind) for kind in ("212F", "424F")] == [IDM, IDM]
    assert sensed(frontend, "106A", "106B", "212F") == IDM
    rig.remove()
    assert sensed(frontend, "212F") is None
    frontend.close()


@pytest.mark.parametrize(
    ("request_hex", "answers"), [("00ffff0100", True), ("0000030000", True), ("0012fc0000", False)]
)
def test_nfcpy_asks_for_a_system(rig: NfcpyRig, request_hex: str, answers: bool) -> None:
    rig.present(CARD)
    frontend = rig.open()
    ask = nfc.clf.RemoteTarget("212F")
    ask.sensf_req = bytearray.fromhex(request_hex)
    assert (frontend.sense(ask) is not None) == answers
    frontend.close()


def test_nfcpy_senses_a_licence(rig: NfcpyRig) -> None:
    """ENROL-2: its `sense_ttb` lists the card, deselects it, wakes it up and reads ATQB again."""
    frontend = rig.open()
    ask = nfc.clf.RemoteTarget("106B")
    assert frontend.sense(ask) is None
    # A quick card, since nfcpy gives it no time to start.
    rig.present(Iso14443bCard(bytes.fromhex("e8253eec"), start_up_us=300))
    for _ in range(20):
        found = frontend.sense(ask)
        assert found.brty == "106B"
        assert found.sensb_res.hex() == "50e8253eec00000000008185"
    assert sensed(frontend, "212F") is None
    assert frontend.sense(nfc.clf.RemoteTarget("212F"), ask).brty == "106B"
    frontend.close()


def test_nfcpy_knows_the_tag_and_its_system(rig: NfcpyRig) -> None:
    rig.present(FelicaCard(bytes.fromhex(IDM), system_code=0x8001))
    frontend = rig.open()
    for kind in ("212F", "424F"):
        tag = nfc.tag.activate(frontend, frontend.sense(nfc.clf.RemoteTarget(kind)))
        assert isinstance(tag, nfc.tag.tt3_sony.FelicaStandard)
        assert tag.identifier.hex().upper() == IDM
        assert tag.request_system_code() == [0x8001]
        assert tag.request_response() == 0
        assert tag.is_present
    rig.remove()
    assert not tag.is_present
    frontend.close()


def lite_s(rig: NfcpyRig) -> tuple[nfc.ContactlessFrontend, nfc.tag.tt3_sony.FelicaLiteS]:
    rig.present(LiteSCard(bytes.fromhex("012e3d4c5b6a7988"), key=KEY))
    frontend = rig.open()
    tag = nfc.tag.activate(frontend, frontend.sense(nfc.clf.RemoteTarget("212F")))
    assert isinstance(tag, nfc.tag.tt3_sony.FelicaLiteS)
    return frontend, tag


def test_a_lite_s_card_and_nfcpy_prove_the_key_to_each_other(rig: NfcpyRig) -> None:
    frontend, tag = lite_s(rig)
    assert tag.authenticate(KEY)
    tag.write_with_mac(b"sixteen of them.", 5)
    assert bytes(tag.read_with_mac(5)) == b"sixteen of them."
    frontend.close()


def test_a_lite_s_card_with_another_key_is_found_out(rig: NfcpyRig) -> None:
    frontend, tag = lite_s(rig)
    assert not tag.authenticate(b"sixteen bytes? :")
    assert not tag.authenticate(b"")
    assert tag.is_present
    frontend.close()


def test_nfcpy_opens_and_closes_20_times(rig: NfcpyRig) -> None:
    rig.present(CARD)
    for _ in range(20):
        frontend = rig.open()
        assert sensed(frontend, "212F") == IDM
        frontend.close()
        assert rig.chip.baud == 115200


class SerialLink:
    """A `ByteLink` on the terminal's host end, served as nfcpy is."""

    def __init__(self, rig: NfcpyRig) -> None:
        self._rig = rig
        self._line = serial.Serial(rig.terminal.path, 115200, timeout=0)
        self.rates: list[int] = []

    def any(self) -> int:
        return int(self._line.in_waiting)

    def readinto(self, buffer: bytearray) -> int:
        data = self._line.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def write(self, data: bytes | bytearray | memoryview) -> int:
        count = int(self._line.write(data) or 0)
        self._rig.serve(count)
        return count

    def set_baud(self, rate: int) -> None:
        self.rates.append(rate)
        self._line.baudrate = rate

    def close(self) -> None:
        self._line.close()


def test_our_driver_finds_the_rate_that_a_crashed_nfcpy_left(rig: NfcpyRig) -> None:
    """The known hazard: nfcpy itself cannot open it any more, until somebody finds the rate."""
    rig.present(CARD)
    frontend = rig.open()
    frontend.device.chipset.transport.tty.close()
    assert rig.chip.baud == 921600
    with pytest.raises(OSError, match="timed out"):
        rig.open()
    link = SerialLink(rig)
    driver = Pn532(link, 0)
    driver.set_eager(True)
    now_ms, found = 0, None
    while found is None:
        assert now_ms < 5000
        now_ms += 1
        found = driver.poll(now_ms)
    assert found.hex().upper() == IDM
    assert 921600 in link.rates
    assert rig.chip.baud == link.rates[-1] == 115200
    link.close()
    frontend = rig.open()
    assert sensed(frontend, "212F") == IDM
    frontend.close()
