"""Ways to break the running program, for the faults that are planted in it (`faults`)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from firmware import (
    commands,
    deadlines,
    interlock,
    judgement,
    lamp,
    rental,
    rental_actions,
    rental_guards,
    rental_machine,
    rental_pulses,
    rental_service,
    session,
    taps,
    technician,
)  # fmt: skip
from firmware.wire import codes
from tests.proof import car as cars
from tests.proof.plant import Plant


def nothing(*_args: Any, **_fields: Any) -> None:
    return None


def yes(*_args: Any) -> bool:
    return True


def no(*_args: Any) -> bool:
    return False


Guards = rental_guards.RentalGuards
Actions = rental_actions.RentalActions


def loosen_motion(plant: Plant) -> None:
    """Both the table's guard and the interlock's sentence about motion are gone."""
    plant.guard("key_returned", "key_return_deadline_passed", "car_is_at_rest")
    loosen_interlock(plant)


def loosen_interlock(plant: Plant) -> None:
    permits = interlock.permits

    def loose(line: int, turn: Any, snapshot: Any, is_journaled: bool) -> bool:
        return permits(line, turn, snapshot, is_journaled) or (
            line == codes.PULSE_BLOCK and bool(turn.pulse_cause[line])
        )

    plant.attribute(cars, "permits", loose)


def block_for_technician(plant: Plant) -> None:
    """Neither the technician's judgement nor the interlock asks for rest."""
    loosen_interlock(plant)
    plant.attribute(technician, "judge_technician_block", nothing)


def forget_the_journal(plant: Plant) -> None:
    permits = interlock.permits
    plant.attribute(
        cars, "permits", lambda line, turn, snapshot, _: permits(line, turn, snapshot, True)
    )


def forget_not_after(plant: Plant) -> None:
    permits = interlock.permits

    def loose(line: int, turn: Any, snapshot: Any, is_journaled: bool) -> bool:
        turn.pulse_not_after_ms[line] = (snapshot.now_ms + 1000) & 0x3FFFFFFF
        return permits(line, turn, snapshot, is_journaled)

    plant.attribute(cars, "permits", loose)
    replace(Guards, "opening_wants_another_try", Guards.opening_did_not_show)(plant)


def for_nobody(change: Callable[[Plant], None]) -> Callable[[Plant], None]:
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


def trust_every_clock(plant: Plant) -> None:
    judge = judgement.judge_card_start

    def trusting(request: Any, bookings: Any, snapshot: Any, *rest: Any) -> None:
        was, snapshot.wall_is_trusted = snapshot.wall_is_trusted, True
        judge(request, bookings, snapshot, *rest)
        snapshot.wall_is_trusted = was

    plant.attribute(taps, "judge_card_start", trusting)


def forgive(reason: int, kind: str) -> Callable[[Plant], None]:
    """A reason that speaks against a start or an end is overheard."""

    def plant_it(plant: Plant) -> None:
        def forgiving(self: Any) -> bool:
            reasons = getattr(self._r.request, kind)
            return not [code for code, _ in reasons if code != reason]

        guard = {"start_reasons": "start_is_valid", "end_reasons": "end_checks_hold"}[kind]
        plant.attribute(Guards, guard, forgiving)

    return plant_it


def after(thing: Any, name: str, more: Callable[[Any], None]) -> Callable[[Plant], None]:
    """The method does what it did, and then more."""

    def plant_it(plant: Plant) -> None:
        before = getattr(thing, name)

        def both(self: Any, *args: Any) -> Any:
            answer = before(self, *args)
            more(self)
            return answer

        plant.attribute(thing, name, both)

    return plant_it


def replace(thing: Any, name: str, value: Any) -> Callable[[Plant], None]:
    return lambda plant: plant.attribute(thing, name, value)


def rearm_all(self: Any, _elapsed_ms: int) -> None:
    for slot in range(len(self.names)):
        if self._armed[slot]:
            self.arm(slot, 60_000 if "relock" in self.names[slot] else 600_000)


def name_nobody(plant: Plant) -> None:
    for module in (rental_actions, rental_service):
        plant.attribute(module, "pack_cause", lambda cause, _ident: bytes((cause,)) + bytes(8))


def end_twice(self: Any) -> None:
    self._r.record(codes.AUDIT_ENDED, self._r.session.use_detail)


def take_every_command(plant: Plant) -> None:
    def take(self: Any, command: Any) -> bool:
        self._boot.counter = command.counter
        return True

    plant.attribute(commands.Commands, "_is_acceptable", take)


def act_again(plant: Plant) -> None:
    plant.attribute(commands.Commands, "_answer_to", lambda _self, _ident: b"")
    plant.attribute(commands.Commands, "_is_under_way", no)
    take_every_command(plant)


def restore_as_vacant(plant: Plant) -> None:
    unpack = session.unpack

    def forgetful(*args: Any) -> Any:
        found = unpack(*args)
        return found and ("vacant", *found[1:])

    plant.attribute(session, "unpack", forgetful)


def restore_without_flags(plant: Plant) -> None:
    unpack = session.unpack

    def forgetful(record: bytes, kept: Any, timers: Any) -> Any:
        found = unpack(record, kept, timers)
        kept.flags = 0
        return found

    plant.attribute(session, "unpack", forgetful)


def dark_in_talk(plant: Plant) -> None:
    choose = lamp.choose
    plant.attribute(
        lamp, "choose",
        lambda r, w, e: codes.LAMP_DARK if r.state == "authorising" else choose(r, w, e),
    )  # fmt: skip


def ask_for_ever(plant: Plant) -> None:
    arm = deadlines.Deadlines.arm

    def arm_some(self: Any, slot: int, delay_ms: int) -> None:
        if self.names[slot] != "ask":
            arm(self, slot, delay_ms)

    plant.attribute(deadlines.Deadlines, "arm", arm_some)


def close_no_window(plant: Plant) -> None:
    """A start in the reopen window of the use before says nothing of that window."""
    begin, over = Actions.open_session, Actions.record_window_over

    def silent(self: Any) -> None:
        Actions.record_window_over = lambda self: self._disarm("reopen_window")  # type: ignore[method-assign]
        begin(self)
        Actions.record_window_over = over  # type: ignore[method-assign]

    plant.attribute(Actions, "open_session", silent)


def tell_block_early(plant: Plant) -> None:
    block = Actions.block_engine

    def both(self: Any) -> None:
        block(self)
        self._r.record(codes.AUDIT_ENGINE_BLOCKED, bytes((codes.BY_DEADLINE,)))

    plant.attribute(Actions, "block_engine", both)


def wait_for_closed_doors(plant: Plant) -> None:
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


def see_no_window(plant: Plant) -> None:
    goes_on = rental.Rental.goes_on
    plant.attribute(
        rental.Rental, "goes_on", lambda self, timer: timer == "enrol" and goes_on(self, timer)
    )


def is_armed(self: Any, timer: str) -> bool:
    """Whether it is over or not."""
    return bool(self.deadlines.is_armed(self.deadlines.index(timer)))


def overhear_the_overdue(plant: Plant) -> None:
    next_ms = deadlines.Deadlines.next_ms
    plant.attribute(deadlines.Deadlines, "next_ms", lambda self: next_ms(self) or 1)


def tell_locks_only(self: Any) -> None:
    if self._r.snapshot.values[codes.IN_LOCKED] == codes.NO:
        self._r.unlock_is_confirmed = True


def judge_staff_by_locks(request: Any, snapshot: Any, _session: Any) -> None:
    """As it was once: where they cannot be told, staff opens."""
    judgement.judge_staff(request, snapshot, session.Session())


def fail_and_forget(self: Any) -> None:
    self.report_lock_fault()
    self._tell_undone(1 << codes.IN_LOCKED)


def keep_no_flags(plant: Plant) -> None:
    """A step that changes flags or deadlines, and tells nothing, leaves the record as it was."""
    dispatch = rental_machine.RentalMachine.dispatch

    def forgetful(self: Any, event: str) -> Any:
        r = self._r
        was, state = r.turn.session_changed, r.state
        acted = dispatch(self, event)
        if r.state == state:
            r.turn.session_changed = was
        return acted

    plant.attribute(rental_machine.RentalMachine, "dispatch", forgetful)
