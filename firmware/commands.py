"""Commands from the centre: each acted on once, each answered, however often it comes.

A command is for one boot, has a counter above the last one's and expires in this boot's uptime
(protocol, "commands"). An answer that moves a lock waits for the read-back, so that it can say
what was done.
"""

import struct

from firmware.interlock import permits
from firmware.judgement import (
    judge_command_start,
    judge_end,
    judge_enrolment,
    judge_leaving,
    judge_lock,
)
from firmware.wire import codes
from firmware.wire.journal_format import FLAG_POSITION_VALID, NO_IDENT, pack_cause
from firmware.wire.kb1 import COMMAND_BYTES, pack_result, unpack_command

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.boot import Boot
    from firmware.rental import Rental
    from firmware.rental_machine import RentalMachine
    from firmware.wire.kb1 import Command

REMEMBERED_MAX = 32
#: Of commands that get no answer so many are journaled in so long, each id once: whoever brings
#: old frames again and again does not fill the journal.
REFUSED_MAX = 8
REFUSED_WITHIN_S = 480

EVENTS = {
    codes.VERB_START: "start_commanded",
    codes.VERB_END: "end_commanded",
    codes.VERB_REOPEN: "reopen_commanded",
    codes.VERB_LOCK: "lock_commanded",
    codes.VERB_REUNLOCK: "reunlock_commanded",
    codes.VERB_ENROL: "enrol_commanded",
    codes.VERB_MAINTENANCE_ON: "maintenance_on_commanded",
    codes.VERB_MAINTENANCE_OFF: "maintenance_off_commanded",
}


class Commands:
    """Turns a command into a request and an event of the table, and remembers the answers."""

    def __init__(self, rental: "Rental", machine: "RentalMachine", boot: "Boot") -> None:
        self._r = rental
        self._machine = machine
        self._boot = boot
        self._answers: "list[bytes]" = []  # bodies of RESULT, newest last
        self._held: "list[bytes]" = []  # those that wait for their read-back
        self._refused: "list[bytes]" = []  # id and uptime of those refused unanswered, newest last

    def receive(self, body: bytes) -> None:
        """Act on the body of a CMD, or repeat the answer that it had."""
        r = self._r
        ident = body[:COMMAND_BYTES]
        answer = self._answer_to(ident)
        if answer:
            r.turn.results.append(answer)
            return
        if ident == r.session.command or self._is_under_way(ident):
            return  # it is being done, or was in this turn; the answer follows
        command = unpack_command(body)
        if not self._is_acceptable(command):
            return
        request = r.request
        request.clear()
        request.cause = codes.BY_COMMAND
        request.ident = ident
        request.driver = command.driver
        request.booking = command.booking
        request.left_s = command.left_s
        self._act(command.verb)
        request.clear()

    def _is_acceptable(self, command: "Command") -> bool:
        """For this boot, newer than the last, in time. What is not is told to the journal."""
        boot = self._boot
        if command.boot != boot.ident:
            # An earlier boot may have acted on it, so there is no answer but where we stand.
            self._refuse_unanswered(command, codes.EXPIRED)
            self._r.turn.wants_hello = True
            return False
        if command.counter <= boot.counter:
            self._refuse_unanswered(command, codes.REPLAYED)
            return False
        boot.counter = command.counter
        if boot.uptime_s >= command.expires_s:
            self._refuse(command, codes.EXPIRED)
            self._r.answer(command.command, False, [(codes.EXPIRED, 0)])
            return False
        return True

    def _refuse_unanswered(self, command: "Command", code: int) -> None:
        """SAFE-5: the first refusal of an id is journaled; a flood of them, one a minute."""
        refused = self._refused
        uptime_s = self._boot.uptime_s
        for one in refused:
            if one[:COMMAND_BYTES] == command.command:
                return
        if len(refused) == REFUSED_MAX:
            oldest_s = struct.unpack_from(">I", refused[0], COMMAND_BYTES)[0]
            if uptime_s - oldest_s < REFUSED_WITHIN_S:
                return
            refused.pop(0)
        refused.append(command.command + struct.pack(">I", uptime_s))
        self._refuse(command, code)

    def _refuse(self, command: "Command", code: int) -> None:
        r = self._r
        detail = pack_cause(codes.BY_COMMAND, command.command) + struct.pack(">BBI", 1, code, 0)
        r.record(codes.AUDIT_COMMAND_REFUSED, detail, command.booking)

    def _act(self, verb: int) -> None:
        r = self._r
        request = r.request
        r.record(
            codes.AUDIT_COMMAND_RECEIVED,
            pack_cause(codes.BY_COMMAND, request.ident),
            request.booking,
        )
        if verb == codes.VERB_POSITION:
            self._report_position()
        elif verb in EVENTS and self._is_offered(verb):
            self._judge(verb)
            self._machine.dispatch(EVENTS[verb])
        else:
            self._machine.actions.refuse_verb()

    def _is_offered(self, verb: int) -> bool:
        """Whether this operator's cars, and this car, have that command."""
        r = self._r
        if verb == codes.VERB_REUNLOCK:
            return r.terms.has_reunlock
        if verb == codes.VERB_ENROL:
            return r.terms.has_enrolment and r.settings.has_reader
        return True

    def _judge(self, verb: int) -> None:
        r = self._r
        request = r.request
        if verb == codes.VERB_ENROL:
            judge_enrolment(r)
        elif verb == codes.VERB_MAINTENANCE_OFF:
            judge_leaving(request, r.snapshot)
        else:
            judge_command_start(request, r.bookings, r.snapshot, r.session, r.terms)
            judge_end(request, r.snapshot, r.settings, r.terms)
            judge_lock(request, r.snapshot, r.settings)

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
        self._r.answer(ident, True, [])

    def _answer_to(self, ident: bytes) -> bytes:
        """The answer that this command had; empty when it had none."""
        for answer in self._answers:
            if answer[:COMMAND_BYTES] == ident:
                return answer
        return b""

    def _is_under_way(self, ident: bytes) -> bool:
        """Sent twice, with another counter each time, both may come in one turn."""
        for answers in (self._held, self._r.turn.results):
            for answer in answers:
                if answer[:COMMAND_BYTES] == ident:
                    return True
        return False

    def hold_answers(self) -> None:
        """Relays move because of this turn: its answers wait until they are seen to rest."""
        results = self._r.turn.results
        for i in range(len(results) - 1, -1, -1):
            if not self._answer_to(results[i][:COMMAND_BYTES]):
                self._held.append(results.pop(i))

    def release_answers(self) -> None:
        """The relays rest: what waited is answered in this turn, with what they read back.

        While another try goes out it waits on; what did not come about is refused with its reason.
        An end that failed keeps its own, whatever became of the engine after it.
        """
        r = self._r
        for line in range(codes.PULSES):
            if permits(line, r.turn, r.snapshot, True):
                return
        locked, blocked = r.read_back()
        for held in self._held:
            answer = held[:-2] + bytes((locked, blocked))
            if r.undone and held[:COMMAND_BYTES] == r.asked_ident and held[COMMAND_BYTES]:
                answer = pack_result(r.asked_ident, False, r.undone, b"", locked, blocked)
            r.turn.results.append(answer)
            self._remember(answer)
        self._held.clear()

    def remember_answers(self) -> None:
        """This turn's answers leave now; a command that comes again gets the same."""
        for answer in self._r.turn.results:
            if not self._answer_to(answer[:COMMAND_BYTES]):
                self._remember(answer)

    def _remember(self, answer: bytes) -> None:
        self._answers.append(answer)
        if len(self._answers) > REMEMBERED_MAX:
            self._answers.pop(0)

    def take_back(self, ending: bytes) -> None:
        """Nothing of this turn is durable: what it answered for the first time is refused.

        `ending`: the command whose end was being done. It is answered when that end is, if the
        journal knows of it, and refused now if it does not.
        """
        self._refused.clear()  # what it refused is not told either
        r = self._r
        if r.state == "ending" and ending == r.ending_before:
            r.session.command = ending
        elif ending != NO_IDENT:
            r.answer(ending, False, [(codes.JOURNAL_FULL, 0)])
        results = r.turn.results
        results[:] = [one for one in results if one[:COMMAND_BYTES] != r.session.command]
        locked, blocked = r.read_back()
        for i in range(len(results)):
            ident = results[i][:COMMAND_BYTES]
            if not self._answer_to(ident):
                reasons = [(codes.JOURNAL_FULL, 0)]
                results[i] = pack_result(ident, False, reasons, b"", locked, blocked)
