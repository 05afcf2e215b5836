"""Commands from the centre: each acted on once, each answered, however often it comes."""

import struct

from firmware.judgement import judge_command_start, judge_end, judge_lock
from firmware.wire import codes
from firmware.wire.journal_format import FLAG_POSITION_VALID, pack_cause
from firmware.wire.messages import RESULT, pack_result, unpack_command

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.rental import Rental
    from firmware.rental_machine import RentalMachine

REMEMBERED_MAX = 32

EVENTS = {
    codes.VERB_START: "start_commanded",
    codes.VERB_END: "end_commanded",
    codes.VERB_REOPEN: "reopen_commanded",
    codes.VERB_LOCK: "lock_commanded",
}


class Commands:
    """Turns a command into a request and an event of the table, and remembers the answers."""

    def __init__(self, rental: "Rental", machine: "RentalMachine") -> None:
        self._r = rental
        self._machine = machine
        self.answers: "list[bytes]" = []  # RESULT frames, newest last

    def receive(self, message: bytes) -> None:
        """Act on a CMD message, or repeat the answer that it had."""
        r = self._r
        ident, verb, booking, driver, left_s = unpack_command(message)
        for answer in self.answers:
            if answer[1:9] == ident:
                r.turn.frames.append(answer)
                return
        if ident == r.session.command:
            return  # its end is being done; the answer follows
        request = r.request
        request.clear()
        request.cause = codes.BY_COMMAND
        request.ident = ident
        request.driver = driver
        request.booking = booking
        request.left_s = left_s
        r.record(codes.AUDIT_COMMAND_RECEIVED, pack_cause(codes.BY_COMMAND, ident), booking)
        if verb == codes.VERB_POSITION:
            self._report_position()
        elif verb in EVENTS:
            judge_command_start(request, r.bookings, r.snapshot, r.session, r.terms)
            judge_end(request, r.snapshot, r.settings, r.terms)
            judge_lock(request, r.snapshot)
            self._machine.dispatch(EVENTS[verb])
        else:
            self._machine.actions.refuse_verb()
        request.clear()

    def _report_position(self) -> None:
        """POS-1: on the centre's request, logged."""
        snapshot = self._r.snapshot
        ident = self._r.request.ident
        self._r.record(
            codes.AUDIT_POSITION_REPORTED,
            pack_cause(codes.BY_COMMAND, ident)
            + struct.pack(
                ">iiB",
                snapshot.latitude_udeg,
                snapshot.longitude_udeg,
                FLAG_POSITION_VALID if snapshot.position_is_valid else 0,
            ),
        )
        self._r.turn.frames.append(pack_result(ident, True, []))

    def remember_answers(self) -> None:
        """Keep this turn's answers for repeated commands."""
        for frame in self._r.turn.frames:
            if frame[0] == RESULT and frame not in self.answers:
                self.answers.append(frame)
                if len(self.answers) > REMEMBERED_MAX:
                    self.answers.pop(0)

    def refuse_all(self) -> None:
        """Nothing of this turn is durable: refuse what it had accepted, remember none of it."""
        frames = self._r.turn.frames
        for i in range(len(frames)):
            frame = frames[i]
            if frame[0] == RESULT:
                if frame in self.answers:
                    self.answers.remove(frame)
                frames[i] = pack_result(frame[1:9], False, [(codes.JOURNAL_FULL, 0)])
