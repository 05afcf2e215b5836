"""Commands of the centre: sent until answered, honest about what is not known.

Never sent before the expiry: refused, unreachable. Sent and unanswered: unknown. A RESULT that
comes later is the truth.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass, field

from firmware.wire.centre_messages import pack_command, unpack_result
from firmware.wire.code_names import VERB_NAMES, WARNING_NAMES
from simulator.audit import Reason, name_reason
from simulator.kernel import Kernel

EXPIRY_US = 30_000_000
#: An unanswered command is sent again, with the same id.
RESEND_US = 5_000_000

PENDING = "pending"
ACCEPTED = "accepted"
REFUSED = "refused"
UNKNOWN = "unknown"


@dataclass
class Command:
    """One operation, from the button to its end."""

    verb: str
    status: str = PENDING
    reasons: list[Reason] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    ident: bytes = b""
    was_sent: bool = False


class Commands:
    """`on_end` is told of each command whose status changes for good, or once more."""

    def __init__(
        self, kernel: Kernel, send: Callable[[bytes], bool], on_end: Callable[[Command], None]
    ) -> None:
        self._kernel = kernel
        self._send = send
        self._on_end = on_end
        self._random = kernel.random("command ids")
        self._by_ident: dict[bytes, Command] = {}

    def order(self, verb: int, booking: int, driver: int, left_s: Callable[[], int]) -> Command:
        """Give a command to the car; `left_s` is asked at each sending."""
        ident = struct.pack(">II", self._random.getrandbits(32), len(self._by_ident) + 1)
        command = Command(VERB_NAMES[verb], ident=ident)
        self._by_ident[ident] = command

        def send_again() -> None:
            if command.status == PENDING:
                frame = pack_command(ident, verb, booking, driver, max(0, left_s()))
                command.was_sent |= self._send(frame)
                self._kernel.after(RESEND_US, send_again)

        # The expiry is asked for first: at that instant nothing more is sent.
        self._kernel.after(EXPIRY_US, lambda: self._expire(command))
        send_again()
        return command

    def hear_result(self, message: bytes) -> None:
        """The car's answer; to a command that is not ours it is ignored."""
        ident, accepted, reasons, warnings = unpack_result(message)
        command = self._by_ident.get(ident)
        if command is None or command.status in (ACCEPTED, REFUSED):
            return
        command.reasons = [name_reason(code, argument) for code, argument in reasons]
        command.warnings = [WARNING_NAMES[code] for code in warnings]
        self._end(command, ACCEPTED if accepted else REFUSED)

    def _expire(self, command: Command) -> None:
        if command.status != PENDING:
            return
        if command.was_sent:
            self._end(command, UNKNOWN)
        else:
            command.reasons = [Reason("unreachable")]
            self._end(command, REFUSED)

    def _end(self, command: Command, status: str) -> None:
        command.status = status
        self._on_end(command)
