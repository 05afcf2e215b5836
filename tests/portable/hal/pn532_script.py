"""The reader's driver against a chip that says what the test says."""

from firmware.ticks import ticks_add, ticks_diff
from hal import pn532_frames as frames
from hal.fake.byte_link import FakeByteLink
from hal.pn532 import Pn532
from hal.pn532_licences import LicencePn532

IDM = bytes.fromhex("0101060112ab34cd")
OTHER_IDM = bytes.fromhex("0101060199999999")
PMM = bytes.fromhex("100b4b428485d0ff")

#: The frames as they stand on the wire, written out so that the driver's cannot hide a slip.
WAKE_UP = bytes.fromhex("55550000000000000000000000000000")
FIRMWARE = bytes.fromhex("0000ff02fed4022a00")
SAM = bytes.fromhex("0000ff05fbd4140100001700")
RETRIES_CALM = bytes.fromhex("0000ff06fad43205ff0102f300")
RETRIES_EAGER = bytes.fromhex("0000ff06fad43205ff01758000")
FIELD_ON = bytes.fromhex("0000ff04fcd4320101f800")
POLL_212 = bytes.fromhex("0000ff09f7d44a010100ffff0100e100")
POLL_424 = bytes.fromhex("0000ff09f7d44a010200ffff0100e000")
POLL_B = bytes.fromhex("0000ff05fbd44a010300de00")
FIELD_OFF = bytes.fromhex("0000ff04fcd4320100f900")
RETRIES_LICENCES = bytes.fromhex("0000ff06fad43205ff0146af00")
SLOW_DOWN = bytes.fromhex("0000ff03fdd410041800")
ACK = bytes.fromhex("0000ff00ff00")
NACK = bytes.fromhex("0000ffff0000")
ERROR = bytes.fromhex("0000ff01ff7f8100")

NO_CARD = bytes.fromhex("0000ff03fdd54b00e000")


def frame(contents: bytes) -> bytes:
    """A frame from the chip."""
    head = bytes([len(contents), -len(contents) & 0xFF])
    return b"\x00\x00\xff" + head + contents + bytes([-sum(contents) & 0xFF, 0])


def card(idm: bytes = IDM, tail: bytes = b"\x00\x03") -> bytes:
    """The answer of one FeliCa card: with `tail` empty, without a system code."""
    response = bytes([18 + len(tail), 0x01]) + idm + PMM + tail
    return frame(b"\xd5\x4b\x01\x01" + response)


def licence(pupi: bytes) -> bytes:
    """The answer of one type B card: ATQB, then the answer to ATTRIB."""
    return frame(b"\xd5\x4b\x01\x01\x50" + pupi + bytes(4) + b"\x00\x81\x85" + b"\x01\x01")


class Script:
    """A driver, its link, and the time; `heard` are the identifiers that `poll` gave."""

    def __init__(
        self,
        system_code: int = 0xFFFF,
        with_424: bool = False,
        licences: bool = False,
        is_listening: bool = True,
    ) -> None:
        self.now_ms = 2**30 - 40
        self.link = FakeByteLink()
        self.driver = (
            LicencePn532(self.link, self.now_ms, system_code)
            if licences
            else Pn532(self.link, self.now_ms, system_code, with_424)
        )
        self.driver.is_listening = is_listening  # False: as it begins
        self.heard: "list[bytes]" = []

    def is_healthy(self) -> bool:
        return self.driver.is_healthy

    def poll(self) -> None:
        found = self.driver.poll(self.now_ms)
        if found is not None:
            self.heard.append(found)

    def say(self, data: bytes, after_ms: int = 1) -> None:
        """The chip's bytes come in and the board calls the driver."""
        self.now_ms = ticks_add(self.now_ms, after_ms)
        self.link.put(data, self.link.baud)
        self.poll()

    def wait(self, duration_ms: int) -> None:
        """Time passes, and the board calls the driver whenever it is due."""
        end_ms = ticks_add(self.now_ms, duration_ms)
        while ticks_diff(self.driver.next_due_at_ms, end_ms) <= 0:
            before = self.driver.next_due_at_ms
            if ticks_diff(before, self.now_ms) > 0:
                self.now_ms = before
            self.poll()
            assert ticks_diff(self.driver.next_due_at_ms, before) > 0, "due again at once"
        self.now_ms = end_ms

    def wait_until_due(self) -> int:
        """Let the driver do what is due next; how many milliseconds that took."""
        waited_ms = max(ticks_diff(self.driver.next_due_at_ms, self.now_ms), 0)
        self.now_ms = ticks_add(self.now_ms, waited_ms)
        self.poll()
        return waited_ms

    def sent(self) -> bytes:
        """What the driver has sent since the last call."""
        return b"".join([data for _, data in self.link.take()])

    def answer(self, command: bytes, contents: bytes) -> None:
        """Expect `command`, acknowledge it, answer it."""
        sent = self.sent()
        assert sent == command, sent.hex()
        self.say(ACK)
        self.say(contents)

    def set_up(self, is_eager: bool = False, eager_retries: int = 117) -> None:
        """As far as the first poll, which is under way afterwards."""
        retries = bytearray(RETRIES_EAGER if is_eager else RETRIES_CALM)
        if is_eager:
            retries[10:12] = bytes([eager_retries, 0xF5 - eager_retries & 0xFF])
        self.driver.set_eager(is_eager)
        self.poll()
        self.answer(WAKE_UP + FIRMWARE, frame(b"\xd5\x03\x32\x01\x06\x07"))
        self.answer(WAKE_UP + SAM, frame(b"\xd5\x15"))
        self.answer(bytes(retries), frame(b"\xd5\x33"))
        if isinstance(self.driver, LicencePn532):
            self.answer(FIELD_OFF, frame(b"\xd5\x33"))
            self.wait_until_due()
        self.answer(FIELD_ON, frame(b"\xd5\x33"))
        assert self.driver.is_healthy

    def touch(self, idm: bytes = IDM) -> None:
        """A card answers the poll under way and the one after it."""
        self.answer(POLL_212, card(idm))
        self.answer(POLL_212, card(idm))


def constants() -> "list[tuple[bytes, bytes]]":
    """The driver's constants beside what they must be."""
    return [
        (frames.WAKE_UP, WAKE_UP),
        (frames.GET_FIRMWARE_VERSION, FIRMWARE),
        (frames.SAM_NORMAL, SAM),
        (frames.FIELD_ON, FIELD_ON),
        (frames.BAUD_115200, SLOW_DOWN),
        (frames.FELICA_212, POLL_212),
        (frames.FELICA_424, POLL_424),
        (frames.TYPE_B, POLL_B),
        (frames.FIELD_OFF, FIELD_OFF),
        (frames.ACK, ACK),
        (frames.NACK, NACK),
    ]
