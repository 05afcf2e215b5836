"""One turn of the box: read the ports, decide, write the journal, and only then act.

ports -> Debounce -> Plausible -> Snapshot -> Controller.step -> Turn -> journal -> interlock -> actuators -> ports
"""

import struct
from binascii import crc32

from firmware import controller as ctl
from firmware.actuators import Actuators
from firmware.boot import Boot
from firmware.cache import Cache
from firmware.controller import Controller
from firmware.debounce import Debounce
from firmware.inbox import Inbox
from firmware.journal import Journal
from firmware.keyring import Keyring
from firmware.plausible import Plausible
from firmware.power import Power
from firmware.snapshot import Snapshot
from firmware.storage_codes import OPENED_NEW
from firmware.storage_watch import StorageWatch
from firmware.terms_watch import TermsWatch
from firmware.ticks import FAR_MS, ticks_add, ticks_diff
from firmware.touch import Touch
from firmware.turn import Turn
from firmware.uplink import Uplink
from firmware.wire import codes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.car_terms import Settings, Terms
    from firmware.identity import Identity
    from hal.api import Ports

    Event = tuple[str, bytes]

#: A contact counts when it has rested this long.
DEBOUNCE_MS = 50
#: After a failed journal commit the turn is tried again no sooner.
RETRY_MS = 1000
_WALL_S_MAX = 0x3FFFFFFF
#: Protocol rule 7: without a word from the centre no card start is possible after this.
LEASE_S = 72 * 3600
_NO_EVENTS: "list[bytes]" = []


class Loop:
    """The program of the box. `start` once after a reset, then `turn` whenever one is due."""

    def __init__(
        self,
        ports: "Ports",
        terms: "Terms",
        settings: "Settings",
        identity: "Identity",
        entropy: bytes,
    ) -> None:
        """`entropy`: 16 random bytes of this boot."""
        self._ports = ports
        boot = Boot(entropy, ports.clock.now_ms())
        owner = crc32(identity.car)
        journal = Journal(ports.journal_storage, struct.unpack_from(">I", entropy, 8)[0], owner)
        cache = Cache(ports.cache_storage, owner)
        keyring = Keyring(identity, cache)
        uplink = Uplink(ports.centre, journal, cache, boot, keyring)
        self._actuators = Actuators(ports)
        self._settings = settings
        self._keyring = keyring
        self._terms_watch = TermsWatch(cache, keyring, terms, settings)
        self._boot = boot
        self._journal = journal
        self._cache = cache
        self._uplink = uplink
        self._controller = Controller(
            terms, settings, cache.bookings, cache.cards, cache.staff, boot
        )
        self._inbox = Inbox(ports.centre, ports.clock, cache, journal, uplink, boot, keyring)
        self._debounce = Debounce(DEBOUNCE_MS, settings.no_sensors | settings.no_doors)
        self._plausible = Plausible()
        self._snapshot = Snapshot(settings.no_doors)
        self._snapshot.key_has_knob = settings.key_has_knob
        self._watch = StorageWatch(journal, cache, self._snapshot, keyring, uplink)
        self.power = Power(ports.centre, uplink, self._watch, entropy[7], ports.clock.now_ms())
        self._touch = Touch()
        self._turn = Turn()
        self._events: "list[Event]" = []
        self._again: "list[Event] | tuple[()]" = ()  # what a turn that was taken back leaves to the next
        self._saved_at_ms = 0
        self.committed: "list[bytes]" = _NO_EVENTS
        self.lamp = codes.LAMP_DARK

    @property
    def state(self) -> str:
        """Name of the rental's state."""
        return self._controller.rental.state

    def deadlines(self) -> "list[tuple[str, int]]":
        """(name, remaining ms) of the armed deadlines, for display."""
        found = []
        deadlines = self._controller.rental.deadlines
        for slot in range(len(deadlines.names)):
            if deadlines.is_armed(slot):
                found.append((deadlines.names[slot], deadlines.left_ms(slot)))
        return found

    def start(self, power_was_lost: bool = False) -> None:
        """After power-on (`power_was_lost`, where the board knows) or reset: the session is resumed.

        Without a record that can be read nothing moves: `vacant`, all as it is (SAFE-3).
        """
        journal = self._journal
        self._read_clock()
        self._cache.open()
        self._keyring.follow(True)
        self._take_terms()
        is_lost = bool(journal.open() & OPENED_NEW and self._cache.rev) or journal.lost_session
        state = b"\0"
        if journal.session is not None:
            if self._controller.restore(journal.session, self._snapshot, -1):
                no_doors = self._settings.no_doors
                self._snapshot.begin(no_doors, self._settings.no_sensors | no_doors)
                state = bytes((codes.STATE_NAMES.index(self.state),))
            else:
                is_lost = True
        watch = self._watch
        if power_was_lost:
            watch.pending.append(watch.event(codes.AUDIT_POWER_LOST, state))
        watch.pending.append(watch.event(codes.AUDIT_RESET, state))
        if is_lost:
            watch.note_fault(codes.FAULT_SESSION_UNREADABLE, 0, codes.AUDIT_FAULT)
        watch.note_trouble()
        self._controller.rental.snapshot = self._snapshot
        record = self._controller.state()
        self._keep_pending(record)
        if not self.committed:
            journal.session = record  # a turn that fails goes back to here, not further
        self._saved_at_ms = self._snapshot.now_ms

    def _take_terms(self) -> None:
        """Rule 10 of the protocol: the copy says what the car goes by, from now on."""
        settings, snapshot = self._settings, self._snapshot
        absent, no_doors = settings.no_sensors | settings.no_doors, settings.no_doors
        if not self._terms_watch.take():
            return
        snapshot.key_has_knob = settings.key_has_knob
        if absent != settings.no_sensors | settings.no_doors or no_doors != settings.no_doors:
            self._debounce = Debounce(DEBOUNCE_MS, settings.no_sensors | settings.no_doors)
            snapshot.begin(settings.no_doors, settings.no_sensors | settings.no_doors)

    def _keep_pending(self, session: "bytes | None") -> None:
        if self._commit(self._watch.pending, session):
            self._watch.pending = []

    def turn(self) -> int:
        """One turn; the tick at which the next one is needed at the latest."""
        try:
            return self._turn_once()
        except Exception:  # a bug: nothing moves; the board restarts, the session is resumed
            self._actuators.all_off()
            fault = self._watch.event(codes.AUDIT_FAULT, bytes((codes.FAULT_PROGRAM_ERROR, 0)))
            self._commit([fault], None)
            raise

    def _turn_once(self) -> int:
        ports = self._ports
        snapshot = self._snapshot
        turn = self._turn
        events = self._events
        if events:
            events.clear()
        if self._again:
            events.extend(self._again)
            self._again = ()
        self._read_ports()
        now_ms = snapshot.now_ms
        self._boot.advance(now_ms)
        finished = self._actuators.service(now_ms)
        if finished is not None:
            events.append((ctl.PULSES_FINISHED, finished))
        self._read_card(events)
        more = self._inbox.collect(events, snapshot)
        snapshot.lease_holds = abs(snapshot.wall_s - self._cache.lease_from_s) < LEASE_S
        self._controller.step(snapshot, events, turn)
        is_journaled = self._journal_turn()
        self.lamp = turn.lamp
        if is_journaled and turn.pulse_cause[codes.PULSE_BLOCK]:
            self._actuators.look_again(turn, self._debounce, ports.clock.now_ms())
        self._actuators.apply(turn, snapshot, is_journaled, ports.clock.now_ms())
        if turn.results:
            self._controller.settle_answers(self._actuators.are_moving())
        if ports.reader is not None:
            ports.reader.set_eager(turn.lamp != codes.LAMP_DARK or not ports.reader.is_listening)
        is_used = self.state != "vacant" or len(self.committed) > 0
        turn.due_in(self.power.look(snapshot, is_used, self._controller.window.is_near))
        self._send()
        # Not within a pulse: an erase stops the program for up to 400 ms.
        may_tidy = not (self.committed or self._actuators.are_moving())
        if may_tidy and (self._journal.service() or self._cache.service()):
            turn.due_in(10)
        if not self.committed and self._watch.look(now_ms):
            self._keep_pending(None)
        if self._terms_watch.is_due(self._controller.rental) and not self._actuators.are_moving():
            self._take_terms()
        if not self._watch.wants_reset:
            ports.watchdog.feed()
        if more:
            turn.due_in(0)
        return self._next_due(now_ms)

    def _read_clock(self) -> None:
        clock = self._ports.clock
        snapshot = self._snapshot
        snapshot.now_ms = clock.now_ms()
        snapshot.wall_s = clock.wall_s()
        snapshot.wall_is_trusted = clock.is_trusted()
        if not 0 <= snapshot.wall_s <= _WALL_S_MAX:
            # No such time: before 2020, or after what a small integer holds (2054).
            snapshot.wall_s = 0 if snapshot.wall_s < 0 else _WALL_S_MAX
            snapshot.wall_is_trusted = False

    def _read_ports(self) -> None:
        ports = self._ports
        snapshot = self._snapshot
        self._read_clock()
        self._debounce.update(ports.inputs, snapshot)
        snapshot.battery_mv = ports.battery.read_mv()
        snapshot.read_place(ports.position, ports.odometer)
        self._plausible.update(snapshot)
        ports.centre.poll(snapshot.now_ms, snapshot.wall_is_trusted)
        snapshot.is_online = ports.centre.is_online()
        snapshot.may_connect = ports.centre.may_connect()
        snapshot.journal_has_room = self._journal.has_room_for_session()

    def _read_card(self, events: "list[Event]") -> None:
        reader = self._ports.reader
        if reader is None:
            return
        now_ms = self._snapshot.now_ms
        card = reader.poll(now_ms)
        if reader.is_healthy != self._snapshot.reader_is_healthy:
            self._snapshot.reader_is_healthy = reader.is_healthy
            events.append((ctl.READER_CHANGED, b"\1" if reader.is_healthy else b"\0"))
        self._touch.forget_old(now_ms)
        listens = reader.is_listening
        if card is not None and self._touch.is_new(card, now_ms, listens):
            events.append((ctl.CARD_TAPPED if listens else ctl.CARD_EARLY, card))
            if not self._snapshot.may_connect:
                self._ports.centre.hurry()

    def _commit(self, events: "list[bytes]", session: "bytes | None") -> bool:
        ok = self._journal.commit(events, session)
        self.committed = list(events) if ok else _NO_EVENTS
        return ok

    def _journal_turn(self) -> bool:
        """Make the turn durable; if that fails, nothing of it happened."""
        turn = self._turn
        self.committed = _NO_EVENTS
        if turn.session_changed or turn.records:
            if not self._commit(turn.records, self._controller.state()):
                # Negative after 6 quiet days: nothing waits then, and it is no reset.
                elapsed_ms = abs(ticks_diff(self._snapshot.now_ms, self._saved_at_ms))
                turn.next_due_ms = RETRY_MS
                self._controller.take_back(elapsed_ms, self._journal.session)
                again = []  # of what nobody else remembers the newest (SAFE-5)
                for event in self._events:
                    if event[0] in (ctl.CLOCK_SET, ctl.READER_CHANGED):
                        again.append(event)
                again.append((ctl.JOURNAL_FAILED, b""))
                self._again = again[-8:]
                return False
            self._saved_at_ms = self._snapshot.now_ms
        self._controller.keep()
        return True

    def _send(self) -> None:
        turn = self._turn
        uplink = self._uplink
        for result in turn.results:
            uplink.answer(result)
        if turn.asks:
            uplink.ask(self._snapshot)
        if turn.wants_hello:
            uplink.want_hello()
        uplink.service(self._snapshot)

    def _next_due(self, now_ms: int) -> int:
        turn = self._turn
        turn.due_in(self._debounce.left_ms)
        turn.due_in(self._plausible.left_ms)
        turn.due_in(self._actuators.next_ms(now_ms))
        turn.due_in(self._uplink.next_ms(now_ms))
        turn.due_in(ticks_diff(self._ports.centre.next_due_at_ms, now_ms))
        reader = self._ports.reader
        if reader is not None:
            turn.due_in(ticks_diff(reader.next_due_at_ms, now_ms))
        if turn.next_due_ms > FAR_MS // 2:
            turn.next_due_ms = FAR_MS // 2
        return ticks_add(now_ms, turn.next_due_ms)
