"""Faults to be planted: what somebody could get wrong, and which watcher must say so.

Each is one small change of the running program. A fault that no watcher finds is a failure of the
watchers, or of what is explored.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from firmware import (
    alerts,
    commands,
    deadlines,
    edges,
    interlock,
    judgement,
    lamp,
    refusals,
    rental_actions,
    rental_guards,
    rental_pulses,
    rental_service,
    session,
    taps,
    technician,
)  # fmt: skip
from firmware.ticks import ticks_diff
from firmware.wire import codes
from tests.proof import car as cars
from tests.proof.plant import Plant


class Fault(NamedTuple):
    """`watcher`: names of those that may find it, separated by blanks."""

    name: str
    watcher: str
    plant: Callable[[Plant], None]
    #: Terms that are changed, as a factor.
    terms: dict[str, Any] = {}


def _nothing(*_args: Any, **_fields: Any) -> None:
    return None


def _yes(*_args: Any) -> bool:
    return True


def _no(*_args: Any) -> bool:
    return False


Guards = rental_guards.RentalGuards
Actions = rental_actions.RentalActions


def _loosen_motion(plant: Plant) -> None:
    """Both the table's guard and the interlock's sentence about motion are gone."""
    plant.guard("key_returned", "key_return_deadline_passed", "car_is_at_rest")
    _loosen_interlock(plant)


def _loosen_interlock(plant: Plant) -> None:
    permits = interlock.permits

    def loose(line: int, turn: Any, snapshot: Any, is_journaled: bool) -> bool:
        return permits(line, turn, snapshot, is_journaled) or (
            line == codes.PULSE_BLOCK and bool(turn.pulse_cause[line])
        )

    plant.attribute(cars, "permits", loose)


def _block_for_technician(plant: Plant) -> None:
    """Neither the technician's judgement nor the interlock asks for rest."""
    _loosen_interlock(plant)
    plant.attribute(technician, "judge_technician_block", _nothing)


def _forget_the_journal(plant: Plant) -> None:
    permits = interlock.permits
    plant.attribute(
        cars, "permits", lambda line, turn, snapshot, _: permits(line, turn, snapshot, True)
    )


def _forget_not_after(plant: Plant) -> None:
    permits = interlock.permits

    def loose(line: int, turn: Any, snapshot: Any, is_journaled: bool) -> bool:
        turn.pulse_not_after_ms[line] = (snapshot.now_ms + 1000) & 0x3FFFFFFF
        return permits(line, turn, snapshot, is_journaled)

    plant.attribute(cars, "permits", loose)
    _replace(Guards, "opening_wants_another_try", Guards.opening_did_not_show)(plant)


def _for_nobody(change: Callable[[Plant], None]) -> Callable[[Plant], None]:
    """A row that opens although nobody asked for it; such a pulse has a cause all the same."""

    def plant(plant: Plant) -> None:
        begin = rental_pulses.RentalPulses._begin

        def loose(self: Any, line: int) -> None:
            begin(self, line)
            if not self._r.turn.pulse_cause[line]:
                self._r.turn.pulse(line, codes.BY_CARD, self._r.session.ident, self._r.ends_at_ms)

        plant.attribute(rental_pulses.RentalPulses, "_begin", loose)
        change(plant)

    return plant


def _trust_every_clock(plant: Plant) -> None:
    judge = judgement.judge_card_start

    def trusting(request: Any, bookings: Any, snapshot: Any, *rest: Any) -> None:
        was, snapshot.wall_is_trusted = snapshot.wall_is_trusted, True
        judge(request, bookings, snapshot, *rest)
        snapshot.wall_is_trusted = was

    plant.attribute(taps, "judge_card_start", trusting)


def _forgive(reason: int, kind: str) -> Callable[[Plant], None]:
    """A reason that speaks against a start or an end is overheard."""

    def plant_it(plant: Plant) -> None:
        def forgiving(self: Any) -> bool:
            reasons = getattr(self._r.request, kind)
            return not [code for code, _ in reasons if code != reason]

        guard = {"start_reasons": "start_is_valid", "end_reasons": "end_checks_hold"}[kind]
        plant.attribute(Guards, guard, forgiving)

    return plant_it


def _after(thing: Any, name: str, more: Callable[[Any], None]) -> Callable[[Plant], None]:
    """The method does what it did, and then more."""

    def plant_it(plant: Plant) -> None:
        before = getattr(thing, name)

        def both(self: Any, *args: Any) -> Any:
            answer = before(self, *args)
            more(self)
            return answer

        plant.attribute(thing, name, both)

    return plant_it


def _replace(thing: Any, name: str, value: Any) -> Callable[[Plant], None]:
    return lambda plant: plant.attribute(thing, name, value)


def _rearm_all(self: Any, _elapsed_ms: int) -> None:
    for slot in range(len(self.names)):
        if self._armed[slot]:
            self.arm(slot, 60_000 if "relock" in self.names[slot] else 600_000)


def _name_nobody(plant: Plant) -> None:
    for module in (rental_actions, rental_service):
        plant.attribute(module, "pack_cause", lambda cause, _ident: bytes((cause,)) + bytes(8))


def _end_twice(self: Any) -> None:
    self._r.record(codes.AUDIT_ENDED, self._r.session.use_detail)


def _take_every_command(plant: Plant) -> None:
    def take(self: Any, command: Any) -> bool:
        self._boot.counter = command.counter
        return True

    plant.attribute(commands.Commands, "_is_acceptable", take)


def _act_again(plant: Plant) -> None:
    plant.attribute(commands.Commands, "_answer_to", lambda _self, _ident: b"")
    plant.attribute(commands.Commands, "_is_under_way", _no)
    _take_every_command(plant)


def _restore_as_vacant(plant: Plant) -> None:
    unpack = session.unpack

    def forgetful(*args: Any) -> Any:
        found = unpack(*args)
        return found and ("vacant", *found[1:])

    plant.attribute(session, "unpack", forgetful)


def _restore_without_flags(plant: Plant) -> None:
    unpack = session.unpack

    def forgetful(record: bytes, kept: Any, timers: Any) -> Any:
        found = unpack(record, kept, timers)
        kept.flags = 0
        return found

    plant.attribute(session, "unpack", forgetful)


def _dark_in_talk(plant: Plant) -> None:
    choose = lamp.choose
    plant.attribute(
        lamp, "choose",
        lambda r, w, e: codes.LAMP_DARK if r.state == "authorising" else choose(r, w, e),
    )  # fmt: skip


def _ask_for_ever(plant: Plant) -> None:
    arm = deadlines.Deadlines.arm

    def arm_some(self: Any, slot: int, delay_ms: int) -> None:
        if self.names[slot] != "ask":
            arm(self, slot, delay_ms)

    plant.attribute(deadlines.Deadlines, "arm", arm_some)


def _close_no_window(plant: Plant) -> None:
    """A start in the reopen window of the use before says nothing of that window."""
    begin, over = Actions.open_session, Actions.record_window_over

    def silent(self: Any) -> None:
        Actions.record_window_over = lambda self: self._disarm("reopen_window")  # type: ignore[method-assign]
        begin(self)
        Actions.record_window_over = over  # type: ignore[method-assign]

    plant.attribute(Actions, "open_session", silent)


def _tell_block_early(plant: Plant) -> None:
    block = Actions.block_engine

    def both(self: Any) -> None:
        block(self)
        self._r.record(codes.AUDIT_ENGINE_BLOCKED, bytes((codes.BY_DEADLINE,)))

    plant.attribute(Actions, "block_engine", both)


def _wait_for_closed_doors(plant: Plant) -> None:
    """As it was once: the locks of a reopen come only when every door is told to be closed."""
    plant.attribute(
        Guards, "a_door_is_open", lambda self: self._r.snapshot.doors_open() != codes.NO
    )
    plant.rows(
        lambda rows: [
            (*row[:4], None) if row[:2] == ("reopened", "reopen_window_passed") and row[2] else row
            for row in rows
        ]
    )


_DUE = "key_return_deadline_passed"

FAULTS: tuple[Fault, ...] = (
    # guards
    Fault("relock does not ask whether the car rests", "deadline_locks_at_rest",
          lambda p: p.guard("unlocked", "relock_deadline_passed", "car_is_at_rest")),
    Fault("security at the start does not ask whether the car rests", "deadline_locks_at_rest",
          lambda p: p.guard("boarding", "key_deadline_passed", "car_is_at_rest")),
    Fault("security in use does not ask whether the car rests", "deadline_locks_at_rest",
          lambda p: p.guard("key_returned", _DUE, "car_is_at_rest")),
    Fault("cannot tell counts as at rest", "deadline_locks_at_rest",
          _replace(Guards, "car_is_at_rest", lambda self: self._r.snapshot.in_motion() != codes.YES)),
    Fault("coming to rest locks although nothing is due", "locks_when_due",
          lambda p: p.guard("key_returned", "car_came_to_rest", "security_is_due")),
    Fault("an end without its checks", "end_iff_the_checks_hold",
          _replace(Guards, "end_checks_hold", _yes)),
    Fault("an end with the brake off", "end_iff_the_checks_hold", _forgive(codes.BRAKE_OFF, "end_reasons")),
    Fault("an end with a door open", "end_iff_the_checks_hold", _forgive(codes.DOOR_OPEN, "end_reasons")),
    Fault("an end by anybody", "end_iff_the_checks_hold opens_with_authorisation",
          _replace(Guards, "request_is_drivers", _yes)),
    Fault("ended before the doors are locked", "ended_means_locked",
          lambda p: p.row("ending", "pulses_finished", 0, guards=(), actions=("finish_end",), target="ended")),
    Fault("a cut-off end blocks without looking", "reset_moves_nothing_open",
          lambda p: p.row("ending", "resumed", 0, guards=())),
    Fault("a reset shuts a car in motion", "reset_moves_nothing_open deadline_locks_at_rest",
          lambda p: p.guard("secured", "resumed", "car_is_at_rest")),
    Fault("a second reopen", "opens_with_authorisation",
          lambda p: p.add("reopened", "reopen_commanded", ("request_is_drivers",),
                          ("reopen", "unlock"), None)),
    Fault("the other driver reopens", "opens_with_authorisation",
          _replace(Guards, "reopen_is_valid", Guards.reopen_window_is_open)),
    # actions
    Fault("relock unlocks", "opens_with_authorisation", _for_nobody(
          lambda p: p.row("unlocked", "relock_deadline_passed", 2,
                          actions=("unlock", "block_engine", "record_relocked")))),
    Fault("a reopen releases the engine", "opens_with_authorisation",
          lambda p: p.row("ended", "reopen_commanded", 0,
                          actions=("reopen", "flash_twice", "unlock", "release_engine"))),
    Fault("a door that opens unlocks the others", "opens_with_authorisation pulse_has_its_record",
          _for_nobody(lambda p: p.row("unlocked", "door_opened", 1, actions=("unlock",)))),
    Fault("a refused touch unlocks", "opens_with_authorisation",
          lambda p: p.row("vacant", "card_tapped", 3, actions=("refuse_card", "unlock"))),
    Fault("a reset unlocks", "reset_moves_nothing_open",
          _for_nobody(lambda p: p.add("unlocked", "resumed", (), ("unlock",), None))),
    Fault("no answer to an accepted command", "command_is_answered", _replace(refusals.Refusals, "accept", _nothing)),
    Fault("an old command is refused and nobody is told", "command_is_answered",
          _replace(commands.Commands, "_refuse_unanswered", _nothing)),
    Fault("an old command is told each time it comes", "command_is_answered",
          _replace(commands.Commands, "_refuse_unanswered", commands.Commands._refuse)),
    Fault("no signal to a refused touch", "touch_is_answered", _replace(alerts.Alerts, "refuse", _nothing)),
    Fault("asking the centre has no end", "asking_ends",
          _ask_for_ever),
    Fault("the journal does not name the opener", "journal_names_the_opener", _name_nobody),
    Fault("the end is told twice", "no_event_twice", _after(Actions, "finish_end", _end_twice)),
    Fault("a booking is not used up", "opens_with_authorisation", _replace(session.Session, "use_up", _nothing)),
    # deadlines
    Fault("relock after two minutes", "deadlines_as_published", lambda p: None, {"relock_ms": 120_000}),
    Fault("security after twenty minutes", "deadlines_as_published", lambda p: None, {"key_ms": 1_200_000}),
    Fault("the key in the box for an hour", "deadlines_as_published", lambda p: None, {"key_return_ms": 3_600_000}),
    Fault("a longer reopen window", "deadlines_as_published", lambda p: None, {"reopen_window_ms": 900_000}),
    Fault("a returned key starts no time", "a_lock_is_to_come", _replace(Actions, "note_key_in", _nothing)),
    Fault("a key that cannot be told is looked for after ten minutes",
          "a_lock_is_to_come deadlines_begin_whole", _replace(rental_actions, "_LOOK_MS", 600_000)),
    Fault("a key that is taken is not told to the journal", "a_taken_key_is_told",
          _replace(edges.Edges, "_record_key", _nothing)),
    Fault("a key that cannot be told is not looked for", "a_lock_is_to_come", _replace(Actions, "look_for_key", _nothing)),
    Fault("the key comes out and the lock stays due", "a_lock_is_to_come",
          _after(Actions, "note_key_out", lambda self: self._r.session.set(session.SECURITY_DUE))),
    Fault("the engine stops and nobody asks for the key", "nobody_is_locked_out",
          lambda p: p.guard("boarding", "car_came_to_rest", "key_is_in")),
    Fault("the time of the key locks without asking for the key", "nobody_is_locked_out",
          lambda p: p.rows(lambda rows: [r for r in rows if r[1] != _DUE or "!key_is_in" not in r[2]])),
    Fault("a lock that is due and could come waits on", "a_due_lock_waits_for_nothing_else",
          lambda p: p.row("key_returned", _DUE, 2, guards=(), actions=("look_for_key",), target=None)),
    Fault("a start in the reopen window does not close it", "every_window_ends_once", _close_no_window),
    Fault("the warning comes once", "use_is_warned",
          _after(Actions, "warn", lambda self: self._disarm("warn"))),
    Fault("the reopen window has no end", "window_ends",
          _after(Actions, "finish_end", lambda self: self._disarm("reopen_window"))),
    Fault("a deadline falls due a millisecond early", "nothing_before_its_time", lambda p: p.attribute(
        deadlines, "ticks_diff", lambda later, earlier: ticks_diff(later, earlier) - 1)),
    Fault("relock after half a minute", "deadlines_begin_whole", lambda p: None, {"relock_ms": 30_000}),
    # power
    Fault("a reset starts the times anew", "reset_lengthens_nothing", _replace(deadlines.Deadlines, "shorten", _rearm_all)),
    Fault("the time off does not count", "reset_lengthens_nothing", _replace(deadlines.Deadlines, "shorten", _nothing)),
    Fault("a reset forgets the state", "reset_resumes", _restore_as_vacant),
    Fault("a reset forgets what was due and what was out", "end_iff_the_checks_hold a_lock_is_to_come lamp_says_what_is",
          _restore_without_flags),
    Fault("a failed turn's changes are not told again", "no_event_twice", _replace(edges.Edges, "take_back", _nothing)),
    # authorisation
    Fault("the interlock forgets the journal", "pulse_has_its_record", _forget_the_journal),
    Fault("neither table nor interlock asks how long", "opens_with_authorisation", _forget_not_after),
    Fault("neither table nor interlock asks for rest", "block_only_at_rest", _loosen_motion),
    Fault("an untrusted clock is believed", "card_needs_a_trusted_clock opens_with_authorisation", _trust_every_clock),
    Fault("a lease that is over is overheard", "opens_with_authorisation", _forgive(codes.LEASE_OVER, "start_reasons")),
    Fault("a start before its time", "opens_with_authorisation", lambda p: None, {"start_early_s": 7200}),
    Fault("a start after the window by card", "opens_with_authorisation", _forgive(codes.WINDOW_OVER, "start_reasons")),
    Fault("a command that has expired is done", "opens_with_authorisation", _take_every_command),
    Fault("a repeated command is done twice", "command_acts_once opens_with_authorisation no_event_twice", _act_again),
    # a technician
    Fault("a locked console opens the car", "opens_with_authorisation technician_works_at_a_parked_car",
          _replace(technician, "_may", _yes)),
    Fault("a technician's time has no end", "opens_with_authorisation",
          lambda p: p.attribute(technician, "ticks_diff", lambda _later, _earlier: 1)),
    Fault("every technician may have the engine", "opens_with_authorisation",
          lambda p: p.attribute(technician, "_EVENTS", {
              action: (event, 1) for action, (event, _) in technician._EVENTS.items()})),
    Fault("a technician starts the engine of a car that is not in maintenance", "opens_with_authorisation",
          lambda p: p.row("parked", "technician_asks", 0, guards=("!asks_to_lock", "!service_checks_hold",
                                                                    "!asks_to_release"))),
    Fault("a technician opens a driver's car", "opens_with_authorisation technician_works_at_a_parked_car",
          lambda p: p.row("session", "technician_asks", 0, actions=("let_staff_in", "unlock"))),
    Fault("a technician blocks what is not known to rest", "block_only_at_rest", _block_for_technician),
    Fault("the journal does not name the technician", "journal_names_the_opener",
          lambda p: p.attribute(technician, "pack_cause", lambda cause, _ident: bytes((cause,)) + bytes(8))),
    # tries, and what is told after them
    Fault("a block is told when it is pulsed", "blocked_is_told_as_it_reads", _tell_block_early),
    Fault("a lock that reads open is told as done", "answer_says_what_was_done",
          lambda p: p.guard("reopened", "pulses_finished", "lock_did_not_show")),
    Fault("an answer does not wait for the last try", "answer_says_what_was_done",
          lambda p: p.attribute(commands, "permits", _no)),
    Fault("doors that stay locked are told as opened", "answer_says_what_was_done",
          _replace(refusals.Refusals, "fail_opening", _nothing)),
    Fault("an end that fails frees the engine of a relocked car", "opens_with_authorisation",
          lambda p: p.row("ending", "pulses_finished", 3, actions=("fail_end", "release_again"))),
    Fault("a car that was left open is not locked", "a_left_car_is_locked",
          lambda p: p.row("vacant", "doors_cleared", 0, actions=())),
    Fault("a door that cannot be told keeps a reopened car", "a_way_out_exists window_ends", _wait_for_closed_doors),
    # what is shown
    Fault("dark while the centre is asked", "lamp_says_what_is", _dark_in_talk),
    Fault("an end is shown before the key was out", "lamp_says_what_is",
          _replace(lamp, "shows_end", lambda _rental, holds: holds)),
    Fault("a reopen window that nobody sees", "lamp_says_what_is", _replace(lamp, "reopen_window_is_open", _no)),
)  # fmt: skip
