"""One step of all decisions: snapshot and events in, a filled turn out. No I/O, no clock."""

from firmware import lamp, session
from firmware.commands import Commands
from firmware.compat import load
from firmware.edges import Edges
from firmware.judgement import judge_end
from firmware.reader_window import ReaderWindow
from firmware.rental import LEFT_MS_MAX, Rental
from firmware.rental_machine import RentalMachine
from firmware.rental_rows import RENTAL
from firmware.starter import StarterWatch
from firmware.taps import Taps
from firmware.ticks import FAR_MS, ticks_add, ticks_diff
from firmware.wire import codes
from firmware.wire.journal_format import NO_IDENT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.bookings import Bookings
    from firmware.boot import Boot
    from firmware.car_terms import Settings, Terms
    from firmware.cards import Cards
    from firmware.snapshot import Snapshot
    from firmware.technician import Told
    from firmware.turn import Turn

    Event = tuple[str, bytes]

#: While somebody uses the car, the session record is renewed this often (SAFE-3).
SAVE_EVERY_MS = 10000
#: A wall clock that moved by more than this against the monotonic one was set or jumped.
_JUMP_S = 2
#: Inputs that do not come to rest after a reset are waited for no longer than this.
SETTLE_MS_MAX = 1000
#: A deadline that passes while an end is being finished is looked at again after this.
_HELD_MS = 1000
_LAMP_ROUND_MS = 60000  # a multiple of every blink's period

# Events of `step`, beside the edges of the snapshot.
CARD_TAPPED = "card_tapped"  # with the identifier
CARD_EARLY = "card_early"  # it may have lain there when the reader began to listen
COMMAND_RECEIVED = "command_received"  # with the body of CMD
CENTRE_ANSWERED = "centre_answered"
RECORDS_CHANGED = "records_changed"
CLOCK_SET = "clock_set"  # with the seconds that it moved, as i32
PULSES_FINISHED = "pulses_finished"
JOURNAL_FAILED = "journal_failed"
READER_CHANGED = "reader_changed"  # with b"\1" for healthy
TECHNICIAN_ASKED = "technician_asked"  # see `technician.ask`


class Controller:
    """The rental machine and what stands around it."""

    def __init__(
        self,
        terms: "Terms",
        settings: "Settings",
        bookings: "Bookings",
        cards: "Cards",
        staff: "Cards",
        boot: "Boot",
    ) -> None:
        self.rental = Rental(terms, settings, bookings, cards, staff)
        self._machine = RentalMachine(self.rental)
        self._commands = Commands(self.rental, self._machine, boot)
        self._taps = Taps(self.rental, self._machine)
        self._edges = Edges(self.rental, self._machine)
        self._starter = StarterWatch(self.rental, self._machine.actions)
        self.window = ReaderWindow()
        self._lamp = codes.LAMP_DARK
        self._lamp_at_ms = 0
        self._saved_at_ms = 0
        self._saved_wall_s = 0
        self._was_settled = False
        self._began_ms = -1  # when this program took its first step
        self._again = b""  # pulses whose end a step heard that was taken back
        self._is_behind = True  # the copy may have changed without the session's knowing
        #: Payloads of TECHNICIAN_ASKED that wait for the next step.
        self.asked: "list[bytes]" = []
        #: What came of the last one; None: none was asked since somebody read it.
        self.told: "Told | None" = None

    def step(self, snapshot: "Snapshot", events: "list[Event]", turn: "Turn") -> None:
        """Fill `turn` with all that follows from this instant."""
        r = self.rental
        r.begin_step(snapshot, turn)
        self._starter.look()
        if snapshot.changed or self._edges.is_stale:
            judge_end(r.standing, snapshot, r.settings, r.terms)
            self._edges.dispatch()
        if not self._was_settled and self._inputs_are_told(snapshot):
            self._was_settled = True
            self._machine.dispatch("resumed")
        if self._was_settled:
            self._pass_deadlines(turn)
        r.finished = b""
        if self._again:
            self._finish_pulses(self._again)
        if self._is_behind and self._was_settled:
            self._is_behind = False
            self._follow_booking()
        for event in events:
            self._handle(event[0], event[1])
        while self.asked:
            self._handle(TECHNICIAN_ASKED, self.asked.pop(0))
        self._starter.follow()
        self._show(snapshot, turn)
        self._plan(snapshot, turn)

    def _inputs_are_told(self, snapshot: "Snapshot") -> bool:
        """After a reset no deadline is judged by inputs that were not read yet."""
        if self._began_ms < 0:
            self._began_ms = snapshot.now_ms
        waited_ms = ticks_diff(snapshot.now_ms, self._began_ms)
        return snapshot.is_settled or waited_ms >= SETTLE_MS_MAX

    def _pass_deadlines(self, turn: "Turn") -> None:
        r = self.rental
        slot = r.deadlines.take_due()
        while slot >= 0:
            turn.session_changed = True
            self._pass_deadline(slot)
            slot = r.deadlines.take_due()

    def _pass_deadline(self, slot: int) -> None:
        event = RENTAL.timer_events[slot]
        if event == "asking_finished":
            self._taps.finish_asking()
        elif not self._machine.dispatch(event) and self.rental.state == "ending":
            # It means something again if the doors do not lock and the use goes on.
            self.rental.deadlines.arm(slot, _HELD_MS)

    def _handle(self, event: str, payload: bytes) -> None:
        if event == CARD_TAPPED:
            self._taps.tap(payload)
        elif event == COMMAND_RECEIVED:
            self._commands.receive(payload)
        elif event == CENTRE_ANSWERED:
            self._taps.finish_asking()
        elif event == RECORDS_CHANGED:
            self._follow_booking()
        elif event == CLOCK_SET:
            self.rental.record(codes.AUDIT_CLOCK_SET, payload, 0)
        elif event == JOURNAL_FAILED or event == CARD_EARLY:
            self.rental.alerts.refuse(self.rental.snapshot.now_ms)
        elif event == READER_CHANGED:
            self._machine.actions.report_reader(payload == b"\1")
        elif event == PULSES_FINISHED:
            self._finish_pulses(payload)
        elif event == TECHNICIAN_ASKED:
            self.told = load("firmware.technician").ask(self.rental, self._machine, payload)
        else:
            raise ValueError("no event " + event)

    def _finish_pulses(self, lines: bytes) -> None:
        """The relays rest. It is told once: a step that is taken back leaves it to the next."""
        self.rental.finished = lines
        self.rental.undone = []
        self._again = b""
        self._starter.finish(lines)
        self._machine.dispatch(PULSES_FINISHED)
        self._commands.release_answers()

    def _follow_booking(self) -> None:
        """USE-4: the session's booking may have got a later end; never an earlier one."""
        r = self.rental
        index = r.bookings.find(r.session.booking) if r.is_in_use() else -1
        if index < 0:
            return
        longer_s = r.bookings.ends_s(index) - r.session.ends_s
        if longer_s > 0:
            left_ms = r.end_left_ms() + longer_s * 1000
            self._machine.actions.move_end(r.bookings.ends_s(index), left_ms)

    def _show(self, snapshot: "Snapshot", turn: "Turn") -> None:
        r = self.rental
        lapsed = self.window.update(r)
        if lapsed and self.rental.state in ("vacant", "ended"):
            r.record(codes.AUDIT_WINDOW_LAPSED, b"", lapsed)
        turn.due_in(self.window.next_ms())
        end_holds = not r.standing.end_reasons and not r.standing.needs_review
        pattern = lamp.choose(r, self.window.is_open, lamp.shows_end(r, end_holds))
        if r.settings.has_reader and r.alerts.is_refusing(snapshot.now_ms, turn):
            pattern = codes.LAMP_REFUSED
        if pattern != self._lamp:
            self._lamp = pattern
            self._lamp_at_ms = snapshot.now_ms
        since_ms = ticks_diff(snapshot.now_ms, self._lamp_at_ms)
        if since_ms >= _LAMP_ROUND_MS:
            rounds_ms = since_ms - since_ms % _LAMP_ROUND_MS
            self._lamp_at_ms = ticks_add(self._lamp_at_ms, rounds_ms)
            since_ms -= rounds_ms
        lamp.show(pattern, since_ms, turn)
        r.alerts.show(snapshot.now_ms, turn)

    def _plan(self, snapshot: "Snapshot", turn: "Turn") -> None:
        """When the next turn is needed, and whether the session record wants renewing."""
        r = self.rental
        if self._was_settled:
            turn.due_in(r.deadlines.next_ms())
        else:
            turn.due_in(SETTLE_MS_MAX)
        if r.state in ("vacant", "authorising", "maintenance") and r.deadlines.next_ms() == FAR_MS:
            return
        since_ms = ticks_diff(snapshot.now_ms, self._saved_at_ms)
        jump_s = snapshot.wall_s - self._saved_wall_s - since_ms // 1000
        if since_ms >= SAVE_EVERY_MS or not -_JUMP_S <= jump_s <= _JUMP_S:
            # After a jump the old record's wall time would shorten or lengthen what is left.
            turn.session_changed = True
            turn.due_in(SAVE_EVERY_MS)
        else:
            turn.due_in(SAVE_EVERY_MS - since_ms)

    def state(self) -> bytes:
        """All that must outlive a reset, as the session record to commit with this turn (SAFE-3)."""
        r = self.rental
        snapshot = r.snapshot
        self._saved_at_ms = snapshot.now_ms
        self._saved_wall_s = snapshot.wall_s
        left_ms = r.end_left_ms()
        if left_ms < -FAR_MS:
            left_ms = -FAR_MS
        r.end_in(left_ms)  # the clock wraps: what lies far away comes nearer
        state = self.rental.state
        if state == "authorising":
            state = "ended" if lamp.reopen_window_is_open(r) else "vacant"
        return session.pack(
            r.session, state, left_ms, r.deadlines, snapshot.wall_s, snapshot.beliefs()
        )

    def keep(self) -> None:
        """The turn is in the journal."""
        self._edges.keep()
        self.window.lapsed = 0

    def settle_answers(self, relays_move: bool) -> None:
        """Which of the turn's answers leave now: those that no relay has yet to make true."""
        if relays_move:
            self._commands.hold_answers()
        else:
            self._commands.remember_answers()

    def take_back(self, elapsed_ms: int, record: "bytes | None") -> None:
        """The turn could not be journaled: nothing of it happened, and phones hear that."""
        r = self.rental
        ending = r.session.command
        if ending == NO_IDENT:
            ending = r.ending_before  # this turn had finished it
        if record is None or not self.restore(record, r.snapshot, elapsed_ms):
            r.session.clear()  # nothing was ever durable: nobody's car
            r.deadlines.clear()
            self._machine.place("vacant")
        r.take_back_step()
        r.alerts.take_back(r.snapshot.now_ms, r.turn)
        self._commands.take_back(ending)
        self._again = r.finished
        self._is_behind = True
        if self.told is not None:
            self.told = ((codes.JOURNAL_FULL, 0),)
        self._edges.take_back()
        self._starter.take_back()

    def restore(self, record: bytes, snapshot: "Snapshot", elapsed_ms: int) -> bool:
        """Stand where the record says, times shortened by what has passed since (SAFE-3, SAFE-4).

        elapsed_ms: time since the record where the monotonic clock ran on; -1 after a reset:
        then the wall clock tells, if it is trusted now and was then; up to LEFT_MS_MAX, as a booked
        end lies no farther away. False: unusable record.
        """
        r = self.rental
        r.snapshot = snapshot  # `state` may be asked for before the first step
        r.deadlines.now_ms = snapshot.now_ms
        found = session.unpack(record, r.session, r.deadlines)
        if found is None:
            return False
        state, wall_s, beliefs, left_ms = found
        r.session.is_resumed = elapsed_ms < 0
        if elapsed_ms < 0:
            snapshot.recall_lies(beliefs)
            elapsed_ms = 0
            off_s = snapshot.wall_s - wall_s
            if beliefs & 1 and snapshot.wall_is_trusted and off_s >= 0:
                elapsed_ms = min(off_s, LEFT_MS_MAX // 1000) * 1000 + 999
        r.deadlines.shorten(elapsed_ms)
        r.deadlines.disarm(r.deadlines.index("ask"))  # nothing is asked any more
        r.end_in(left_ms - elapsed_ms)
        self._machine.place(state)
        r.unlock_is_confirmed = r.opening_failed = False
        self._taps.forget()
        self._saved_at_ms = snapshot.now_ms
        self._saved_wall_s = snapshot.wall_s
        if r.session.is_resumed:
            r.unlock_until_ms = snapshot.now_ms  # whatever was allowed before is over (SAFE-3)
            self._edges.forget()
        return True
