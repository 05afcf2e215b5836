"""What the PN532 does on each command (UM0701-02, section 7): registers, settings, targets.

`run` gives an `Outcome`: an answer after a time, or a poll of the field. It raises
`CommandSyntaxError` where the chip sends its error frame.
"""

from collections.abc import Callable
from dataclasses import dataclass

from simulator.chips.felica import RESPONSE_DELAY_US, air_time_us
from simulator.chips.iso14443b import Iso14443bCard, exchange_time_us
from simulator.chips.pn532_field import TYPE_B_KBPS, Card, Field, Poll, PollEnd

BAUD_RATES = (9600, 19200, 38400, 57600, 115200, 230400, 460800, 921600, 1288000)
FIRMWARE_VERSION = bytes.fromhex("32010607")

CIU_TX_CONTROL = 0x6304
CIU_FIFO_DATA = 0x6339
_POWER_ON_REGISTERS = {CIU_TX_CONTROL: 0x80, 0x6302: 0x00, 0x6303: 0x00, 0x6305: 0x00}

STATUS_OK = 0x00
STATUS_TIMEOUT = 0x01
STATUS_WRONG_CONTEXT = 0x27

_SETTING_BYTES = {0x01: 1, 0x02: 3, 0x04: 1, 0x05: 3, 0x0A: 11, 0x0B: 8, 0x0C: 3, 0x0D: 9}
_TYPE_A, _FELICA_212, _FELICA_424, _TYPE_B, _JEWEL = range(5)
_ANSWER_TIMEOUT_INDEX = 0x0A  # 51.2 ms, the chip's own setting


class CommandSyntaxError(Exception):
    """The chip answers with its error frame."""


@dataclass(frozen=True)
class Outcome:
    """`data` follows the answer's code. `then` is done once the answer was sent."""

    data: bytes = b""
    duration_us: int = 0
    poll: Poll | None = None
    then: str = ""  #: "", "sleep", "baud"


class Commands:
    """The chip's settings and what its commands make of them."""

    def __init__(self, field: Field) -> None:
        self._field = field
        self._now_us = 0
        self._by_code: dict[int, Callable[[bytes], Outcome]] = {
            0x00: self._diagnose,
            0x02: self._get_firmware_version,
            0x04: self._get_general_status,
            0x06: self._read_register,
            0x08: self._write_register,
            0x10: self._set_serial_baud_rate,
            0x12: self._set_parameters,
            0x14: self._sam_configuration,
            0x16: self._power_down,
            0x32: self._rf_configuration,
            0x40: self._in_data_exchange,
            0x42: self._in_communicate_thru,
            0x44: self._in_release,
            0x4A: self._in_list_passive_target,
            0x52: self._in_release,
            0x54: self._in_release,
        }
        self.power_on()

    def power_on(self) -> None:
        self.registers = dict(_POWER_ON_REGISTERS)
        self.settings = {
            0x02: bytes([0x00, 0x0B, _ANSWER_TIMEOUT_INDEX]),
            0x04: b"\x00",
            0x05: b"\xff\x01\xff",
        }
        self.parameters = 0x14
        self.sam_mode = 0
        self.baud_wanted = BAUD_RATES[4]
        self.targets: tuple[Card, ...] = ()
        #: In which the field speaks: as in the last poll.
        self._technology = _FELICA_212
        self._field.switch(False, 0)

    def run(self, code: int, data: bytes, at_us: int) -> Outcome:
        command = self._by_code.get(code)
        if command is None:
            raise CommandSyntaxError(f"command {code:02X} is not known")
        self._now_us = at_us
        return command(data)

    def poll_answer(self, end: PollEnd) -> bytes:
        """The answer to InListPassiveTarget; remembers the targets."""
        self.targets = tuple(card for card, _ in end.found)
        for card in self.targets:
            if isinstance(card, Iso14443bCard):
                card.activate(self._field.powered_since_us(card))
        answer = bytes([len(end.found)])
        for number, (_, response) in enumerate(end.found, 1):
            answer += bytes([number]) + response
        return answer

    # Miscellaneous.

    def _diagnose(self, data: bytes) -> Outcome:
        if data[:1] == b"\x00":
            return Outcome(data)
        if data in (b"\x01", b"\x02"):
            return Outcome(bytes([STATUS_OK]))
        raise CommandSyntaxError("only the line, ROM and RAM tests are built")

    def _get_firmware_version(self, _data: bytes) -> Outcome:
        return Outcome(FIRMWARE_VERSION)

    def _get_general_status(self, _data: bytes) -> Outcome:
        status = bytes([0x00, int(self._field.on_since_us is not None), len(self.targets)])
        for number in range(1, len(self.targets) + 1):
            status += bytes([number, 0x01, 0x01, 0x10])
        return Outcome(status + b"\x80")

    def _read_register(self, data: bytes) -> Outcome:
        if not data or len(data) % 2:
            raise CommandSyntaxError("register addresses have two bytes")
        addresses = [data[i] << 8 | data[i + 1] for i in range(0, len(data), 2)]
        return Outcome(bytes(self._register(address) for address in addresses))

    def _register(self, address: int) -> int:
        value = self.registers.get(address, 0x00)
        if address == CIU_TX_CONTROL:
            value = value & 0xFC | (0x03 if self._field.on_since_us is not None else 0x00)
        return value

    def _write_register(self, data: bytes) -> Outcome:
        if not data or len(data) % 3:
            raise CommandSyntaxError("register writes have three bytes each")
        for i in range(0, len(data), 3):
            address = data[i] << 8 | data[i + 1]
            self.registers[address] = data[i + 2]
            if address == CIU_TX_CONTROL:
                self._switch_field(bool(data[i + 2] & 0x03))
        return Outcome()

    def _set_serial_baud_rate(self, data: bytes) -> Outcome:
        if len(data) != 1 or data[0] >= len(BAUD_RATES):
            raise CommandSyntaxError("no such baud rate")
        self.baud_wanted = BAUD_RATES[data[0]]
        return Outcome(then="baud")

    def _set_parameters(self, data: bytes) -> Outcome:
        if len(data) != 1:
            raise CommandSyntaxError("one byte of flags")
        self.parameters = data[0]
        return Outcome()

    def _sam_configuration(self, data: bytes) -> Outcome:
        if not 1 <= len(data) <= 3 or not 1 <= data[0] <= 4:
            raise CommandSyntaxError("mode 1 to 4, timeout, IRQ")
        self.sam_mode = data[0]
        return Outcome()

    def _power_down(self, data: bytes) -> Outcome:
        if not 1 <= len(data) <= 2:
            raise CommandSyntaxError("wake-up sources, IRQ")
        self._switch_field(False)
        return Outcome(bytes([STATUS_OK]), then="sleep")

    # The field.

    def _switch_field(self, is_on: bool) -> None:
        self._field.switch(is_on, self._now_us)
        if not is_on:
            self.targets = ()

    def _rf_configuration(self, data: bytes) -> Outcome:
        if not data or len(data) - 1 != _SETTING_BYTES.get(data[0], -1):
            raise CommandSyntaxError("no such setting, or not of this length")
        if data[0] == 0x01:
            self._switch_field(bool(data[1] & 0x01))
        else:
            self.settings[data[0]] = data[1:]
        return Outcome()

    def _in_list_passive_target(self, data: bytes) -> Outcome:
        if len(data) < 2 or not 1 <= data[0] <= 2 or data[1] > _JEWEL:
            raise CommandSyntaxError("one or two targets, a known technology")
        targets_max, technology, request = data[0], data[1], data[2:]
        retries = self.settings[0x05][2]
        tries = None if retries == 0xFF else retries + 1
        self._switch_field(True)
        self.targets = ()
        self._technology = technology
        if technology == _TYPE_B:
            return Outcome(poll=self._type_b_poll(tries, targets_max, request))
        if technology not in (_FELICA_212, _FELICA_424):
            # What a poll for type A leaves there when nobody answered.
            self.registers[CIU_FIFO_DATA] = 0x26
            return Outcome(poll=Poll(self._now_us, tries, targets_max, kbps=0))
        if len(request) != 5 or request[0] != 0x00:
            raise CommandSyntaxError("a FeliCa poll carries 00, system code, request, slots")
        return Outcome(
            poll=Poll(
                self._now_us,
                tries,
                targets_max,
                kbps=212 if technology == _FELICA_212 else 424,
                system_code=request[1] << 8 | request[2],
                request_code=request[3],
                slots=request[4] + 1,
            )
        )

    def _type_b_poll(self, tries: int | None, targets_max: int, request: bytes) -> Poll:
        if not 1 <= len(request) <= 2:
            raise CommandSyntaxError("a type B poll carries the family, and perhaps the method")
        return Poll(self._now_us, tries, targets_max, TYPE_B_KBPS, family=request[0])

    def _in_data_exchange(self, data: bytes) -> Outcome:
        if len(data) < 2:
            raise CommandSyntaxError("target and data")
        number = data[0] & 0x0F
        if not 1 <= number <= len(self.targets):
            return Outcome(bytes([STATUS_WRONG_CONTEXT]))
        return self._exchange(data[1:], (self.targets[number - 1],))

    def _in_communicate_thru(self, data: bytes) -> Outcome:
        if not data:
            raise CommandSyntaxError("data for the card")
        return self._exchange(data, self._field.cards())

    def _exchange(self, frame: bytes, cards: tuple[Card, ...]) -> Outcome:
        if self._technology == _TYPE_B:
            return self._exchange_type_b(frame, cards)
        at_us = self._now_us
        sent_us = air_time_us(len(frame), 212)
        for card in cards:
            if isinstance(card, Iso14443bCard):
                continue
            answer = card.command(frame)
            if answer is None:
                continue
            duration_us = sent_us + RESPONSE_DELAY_US + air_time_us(len(answer), 212)
            if self._field.heard_throughout(card, at_us, at_us + sent_us):
                return Outcome(bytes([STATUS_OK]) + answer, duration_us)
        return self._no_answer(sent_us)

    def _exchange_type_b(self, frame: bytes, cards: tuple[Card, ...]) -> Outcome:
        at_us = self._now_us
        for card in cards:
            if not isinstance(card, Iso14443bCard):
                continue
            if not self._field.heard_throughout(card, at_us, at_us):
                continue
            answer = card.command(frame, self._field.powered_since_us(card))
            if answer is not None:
                duration_us = exchange_time_us(len(frame), len(answer))
                return Outcome(bytes([STATUS_OK]) + answer, duration_us)
        return self._no_answer(exchange_time_us(len(frame), 0))

    def _no_answer(self, sent_us: int) -> Outcome:
        index = self.settings[0x02][2]
        timeout_us = 100 << (index - 1) if index else 0
        return Outcome(bytes([STATUS_TIMEOUT]), sent_us + timeout_us)

    def _in_release(self, data: bytes) -> Outcome:
        """InRelease, InDeselect and InSelect: FeliCa cards have no state to change."""
        if len(data) != 1:
            raise CommandSyntaxError("one target")
        if data[0] > len(self.targets):
            return Outcome(bytes([STATUS_WRONG_CONTEXT]))
        released = self.targets[data[0] - 1 : data[0]] if data[0] else self.targets
        for card in released:
            if isinstance(card, Iso14443bCard):
                card.deselect(self._field.powered_since_us(card))
        return Outcome(bytes([STATUS_OK]))
