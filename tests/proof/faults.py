"""Faults to be planted: what somebody could get wrong, and which watcher must say so.

Each is one small change of the running program (`spoil`). A fault that no watcher finds is a failure
of the watchers, or of what is explored.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from firmware import (
    alerts,
    commands,
    deadlines,
    edges,
    lamp,
    refusals,
    rental,
    rental_actions,
    session,
    taps,
    technician,
)  # fmt: skip
from firmware.ticks import ticks_diff
from firmware.wire import codes
from tests.proof.plant import Plant
from tests.proof.spoil import (
    Actions,
    Guards,
    act_again,
    after,
    ask_for_ever,
    block_for_technician,
    close_no_window,
    dark_in_talk,
    end_twice,
    fail_and_forget,
    for_nobody,
    forget_not_after,
    forget_the_journal,
    forgive,
    is_armed,
    judge_staff_by_locks,
    keep_no_flags,
    loosen_motion,
    name_nobody,
    no,
    nothing,
    overhear_the_overdue,
    rearm_all,
    replace,
    restore_as_vacant,
    restore_without_flags,
    see_no_window,
    take_every_command,
    tell_block_early,
    tell_locks_only,
    trust_every_clock,
    wait_for_closed_doors,
    yes,
)  # fmt: skip


class Fault(NamedTuple):
    """`watcher`: names of those that may find it, separated by blanks."""

    name: str
    watcher: str
    plant: Callable[[Plant], None]
    #: Terms that are changed, as a factor.
    terms: dict[str, Any] = {}
    profile: str = "top24-2023"


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
          replace(Guards, "car_is_at_rest", lambda self: self._r.snapshot.in_motion() != codes.YES)),
    Fault("coming to rest locks although nothing is due", "locks_when_due",
          lambda p: p.guard("key_returned", "car_came_to_rest", "security_is_due")),
    Fault("an end without its checks", "end_iff_the_checks_hold",
          replace(Guards, "end_checks_hold", yes)),
    Fault("an end with the brake off", "end_iff_the_checks_hold", forgive(codes.BRAKE_OFF, "end_reasons")),
    Fault("an end with a door open", "end_iff_the_checks_hold", forgive(codes.DOOR_OPEN, "end_reasons")),
    Fault("an end by anybody", "end_iff_the_checks_hold opens_with_authorisation",
          replace(Guards, "request_is_drivers", yes)),
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
          replace(Guards, "reopen_is_valid", Guards.reopen_window_is_open)),
    # actions
    Fault("relock unlocks", "opens_with_authorisation", for_nobody(
          lambda p: p.row("unlocked", "relock_deadline_passed", 2,
                          actions=("unlock", "block_engine", "record_relocked")))),
    Fault("a reopen releases the engine", "opens_with_authorisation",
          lambda p: p.row("ended", "reopen_commanded", 0,
                          actions=("reopen", "flash_twice", "unlock", "release_engine"))),
    Fault("a door that opens unlocks the others", "opens_with_authorisation pulse_has_its_record",
          for_nobody(lambda p: p.row("unlocked", "door_opened", 1, actions=("unlock",)))),
    Fault("a refused touch unlocks", "opens_with_authorisation",
          lambda p: p.row("vacant", "card_tapped", 3, actions=("refuse_card", "unlock"))),
    Fault("a reset unlocks", "reset_moves_nothing_open",
          for_nobody(lambda p: p.add("unlocked", "resumed", (), ("unlock",), None))),
    Fault("no answer to an accepted command", "command_is_answered", replace(refusals.Refusals, "accept", nothing)),
    Fault("an old command is refused and nobody is told", "command_is_answered",
          replace(commands.Commands, "_refuse_unanswered", nothing)),
    Fault("an old command is told each time it comes", "command_is_answered",
          replace(commands.Commands, "_refuse_unanswered", commands.Commands._refuse)),
    Fault("no signal to a refused touch", "touch_is_answered", replace(alerts.Alerts, "refuse", nothing)),
    Fault("asking the centre has no end", "asking_ends",
          ask_for_ever),
    Fault("the journal does not name the opener", "journal_names_the_opener", name_nobody),
    Fault("the end is told twice", "no_event_twice", after(Actions, "finish_end", end_twice)),
    Fault("a booking is not used up", "opens_with_authorisation", replace(session.Session, "use_up", nothing)),
    # deadlines
    Fault("relock after two minutes", "deadlines_as_published", lambda p: None, {"relock_ms": 120_000}),
    Fault("security after twenty minutes", "deadlines_as_published", lambda p: None, {"key_ms": 1_200_000}),
    Fault("the key in the box for an hour", "deadlines_as_published", lambda p: None, {"key_return_ms": 3_600_000}),
    Fault("a longer reopen window", "deadlines_as_published", lambda p: None, {"reopen_window_ms": 900_000}),
    Fault("a returned key starts no time", "a_lock_is_to_come", replace(Actions, "note_key_in", nothing)),
    Fault("a key that cannot be told is looked for after ten minutes",
          "a_lock_is_to_come deadlines_begin_whole", replace(rental_actions, "_LOOK_MS", 600_000)),
    Fault("a key that is taken is not told to the journal", "a_taken_key_is_told",
          replace(edges.Edges, "_record_key", nothing)),
    Fault("a key that cannot be told is not looked for", "a_lock_is_to_come", replace(Actions, "look_for_key", nothing)),
    Fault("the key comes out and the lock stays due", "a_lock_is_to_come",
          after(Actions, "note_key_out", lambda self: self._r.session.set(session.SECURITY_DUE))),
    Fault("the engine stops and nobody asks for the key", "nobody_is_locked_out",
          lambda p: p.guard("boarding", "car_came_to_rest", "key_is_in")),
    Fault("the time of the key locks without asking for the key", "nobody_is_locked_out",
          lambda p: p.rows(lambda rows: [r for r in rows if r[1] != _DUE or "!key_is_in" not in r[2]])),
    Fault("a lock that is due and could come waits on", "a_due_lock_waits_for_nothing_else",
          lambda p: p.row("key_returned", _DUE, 2, guards=(), actions=("look_for_key",), target=None)),
    Fault("a start in the reopen window does not close it", "every_window_ends_once", close_no_window),
    Fault("the warning comes once", "use_is_warned",
          after(Actions, "warn", lambda self: self._disarm("warn"))),
    Fault("the reopen window has no end", "window_ends",
          after(Actions, "finish_end", lambda self: self._disarm("reopen_window"))),
    Fault("a deadline falls due a millisecond early", "nothing_before_its_time", lambda p: p.attribute(
        deadlines, "ticks_diff", lambda later, earlier: ticks_diff(later, earlier) - 1)),
    Fault("relock after half a minute", "deadlines_begin_whole", lambda p: None, {"relock_ms": 30_000}),
    # power
    Fault("a reset starts the times anew", "reset_lengthens_nothing", replace(deadlines.Deadlines, "shorten", rearm_all)),
    Fault("the time off does not count", "reset_lengthens_nothing", replace(deadlines.Deadlines, "shorten", nothing)),
    Fault("a reset forgets the state", "reset_resumes", restore_as_vacant),
    Fault("a reset forgets what was due and what was out", "end_iff_the_checks_hold a_lock_is_to_come lamp_says_what_is",
          restore_without_flags),
    Fault("a failed turn's changes are not told again", "no_event_twice", replace(edges.Edges, "take_back", nothing)),
    Fault("a failed turn's request stands in the name of what is tried again", "opens_with_authorisation journal_names_the_opener",
          replace(rental.Rental, "take_back_step", nothing)),
    Fault("the record is left behind", "the_record_says_what_is", keep_no_flags),
    # authorisation
    Fault("the interlock forgets the journal", "pulse_has_its_record", forget_the_journal),
    Fault("neither table nor interlock asks how long", "opens_with_authorisation", forget_not_after),
    Fault("neither table nor interlock asks for rest", "block_only_at_rest", loosen_motion),
    Fault("an untrusted clock is believed", "card_needs_a_trusted_clock opens_with_authorisation", trust_every_clock),
    Fault("a lease that is over is overheard", "opens_with_authorisation", forgive(codes.LEASE_OVER, "start_reasons")),
    Fault("a start before its time", "opens_with_authorisation", lambda p: None, {"start_early_s": 7200}),
    Fault("a start after the window by card", "opens_with_authorisation", forgive(codes.WINDOW_OVER, "start_reasons")),
    Fault("a command that has expired is done", "opens_with_authorisation", take_every_command),
    Fault("a repeated command is done twice", "command_acts_once opens_with_authorisation no_event_twice", act_again),
    # a technician
    Fault("a locked console opens the car", "opens_with_authorisation technician_works_at_a_parked_car",
          replace(technician, "_may", yes)),
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
    Fault("a technician blocks what is not known to rest", "block_only_at_rest", block_for_technician),
    Fault("the journal does not name the technician", "journal_names_the_opener",
          lambda p: p.attribute(technician, "pack_cause", lambda cause, _ident: bytes((cause,)) + bytes(8))),
    # tries, and what is told after them
    Fault("a block is told when it is pulsed", "blocked_is_told_as_it_reads", tell_block_early),
    Fault("a lock that reads open is told as done", "answer_says_what_was_done",
          lambda p: p.guard("reopened", "pulses_finished", "lock_did_not_show")),
    Fault("an answer does not wait for the last try", "answer_says_what_was_done",
          lambda p: p.attribute(commands, "permits", no)),
    Fault("doors that stay locked are told as opened", "answer_says_what_was_done",
          replace(refusals.Refusals, "fail_opening", nothing)),
    Fault("an end that fails frees the engine of a relocked car", "opens_with_authorisation",
          lambda p: p.row("ending", "pulses_finished", 3, actions=("fail_end", "release_again"))),
    Fault("a car that was left open is not locked", "a_left_car_is_locked",
          lambda p: p.row("vacant", "doors_cleared", 0, actions=())),
    Fault("a door that cannot be told keeps a reopened car", "a_way_out_exists window_ends", wait_for_closed_doors),
    # what is shown
    Fault("dark while the centre is asked", "lamp_says_what_is", dark_in_talk),
    Fault("an end is shown before the key was out", "lamp_says_what_is",
          replace(lamp, "shows_end", lambda _rental, holds: holds)),
    Fault("a reopen window that nobody sees", "lamp_says_what_is", see_no_window),
    # what a reset leaves
    Fault("a window that is over still opens", "opens_with_authorisation",
          replace(rental.Rental, "goes_on", is_armed)),
    Fault("a start or a reopen is repeated before what is overdue", "opens_with_authorisation", overhear_the_overdue),
    Fault("nobody sees that the engine stayed blocked", "a_release_that_was_cut_off_can_be_had",
          replace(edges.Edges, "_tell_locks", tell_locks_only)),
    Fault("a re-unlock frees no engine", "a_release_that_was_cut_off_can_be_had",
          lambda p: p.rows(lambda rows: [r for r in rows if r[1] != "reunlock_commanded" or r[0] != "boarding"]),
          profile="jparc-2023"),
    Fault("a touch after the window releases again", "opens_with_authorisation",
          lambda p: p.guard("boarding", "card_tapped", "card_may_lock")),
    Fault("a touch after the window starts again", "opens_with_authorisation",
          lambda p: p.guard("unlocked", "card_tapped", "card_may_lock")),
    Fault("a resumed end forgets its doubts", "an_end_in_doubt_is_reviewed",
          lambda p: p.row("ending", "resumed", 0, actions=("lock", "block_engine")), profile="jparc-2023"),
    Fault("staff that is in opens again", "opens_with_authorisation",
          replace(taps, "judge_staff", judge_staff_by_locks)),
    Fault("a lock that a door kept back is forgotten", "a_lock_given_up_is_owed",
          replace(refusals.Refusals, "fail_lock", fail_and_forget)),
)  # fmt: skip
