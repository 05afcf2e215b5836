"""A PN532 at the end of a wire, as far as the driver speaks to it: bytes in, bytes out, in time."""

from tests.portable.hal.pn532_script import ACK, IDM, NO_CARD, card, frame

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tests.portable.hal.esp32.chip_wires import Wire

_BYTES_A_MS = 11  # at 115200 baud
_TRY_MS = 4


class ReaderChip:
    """`pass_ms` tells whether it wants to be called again in a millisecond, or only when spoken to.

    `has_card`: one lies on the reader; `is_dead`: it has no power.
    """

    def __init__(self, wire: "Wire") -> None:
        self._wire = wire
        self.has_card = False
        self.is_dead = False
        self.idm = IDM
        self.commands: "list[int]" = []
        self._heard = b""
        self._says = b""
        self._busy_ms = 0
        self._answer = b""
        self._tries_ms = 0
        self._retries = 3

    def pass_ms(self) -> bool:
        if self.is_dead:
            self._wire.take()
            self._heard = self._says = b""
            self._busy_ms = self._tries_ms = 0
            return False
        if self._wire.sent:
            self._heard += self._wire.take()
        elif not (self._says or self._busy_ms or self._tries_ms):
            return False
        self._listen()
        if self._tries_ms:
            self._tries_ms -= 1
            if self.has_card or not self._tries_ms:
                self._tries_ms = 0
                self._busy_ms = _TRY_MS + 1
                self._answer = card(self.idm) if self.has_card else NO_CARD
        if self._busy_ms:
            self._busy_ms -= 1
            if not self._busy_ms:
                self._says += self._answer
        if self._says:
            self._wire.put(self._says[:_BYTES_A_MS])
            self._says = self._says[_BYTES_A_MS:]
        return True

    def _listen(self) -> None:
        at = self._heard.find(b"\0\xff")
        if at < 0 or len(self._heard) < at + 4:
            return
        length = self._heard[at + 2]
        if length == 0:  # an acknowledgement: stop what you do
            self._heard = self._heard[at + 5 :]
            self._tries_ms = self._busy_ms = 0
            return
        if len(self._heard) < at + 6 + length:
            return
        body = self._heard[at + 4 : at + 4 + length]
        self._heard = self._heard[at + 6 + length :]
        self._obey(body[1], body[2:])

    def _obey(self, command: int, parameters: bytes) -> None:
        self.commands.append(command)
        self._says += ACK
        self._busy_ms = 2
        if command == 0x02:
            self._answer = frame(b"\xd5\x03\x32\x01\x06\x07")
        elif command == 0x4A:
            self._busy_ms = 0
            self._tries_ms = self._retries * _TRY_MS
        else:
            if command == 0x32 and parameters[0] == 5:
                self._retries = parameters[3] + 1
            self._answer = frame(bytes((0xD5, command + 1)))
