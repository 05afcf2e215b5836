"""What is late: alarms for it while the daemon runs, and figures for whoever asks."""

from __future__ import annotations

from typing import Any

from firmware.wire.code_names import AUDIT_NAMES, VERB_NAMES
from fleetd import car_faults
from fleetd.core import health
from fleetd.core.audit import Event
from fleetd.core.car_copy import HORIZON_S
from fleetd.core.health import Limits
from fleetd.store import fleet_rows, health_rows, notice_rows
from fleetd.store.database import Database
from fleetd.turn import Turn

CAR_SILENT = "car_silent"
REVOCATION_UNCONFIRMED = "revocation_unconfirmed"
CAR_CLONED = "car_cloned"
FOREIGN_TOPIC = "foreign_topic"
DATABASE_CLONED = "database_cloned"
#: How counts of refusals begin; the reason follows.
REFUSED_BY_CAR, REFUSED_HERE = "refused_by_car:", "refused_here:"
#: How counts of frames begin that cars did not take; the reason follows.
NACKED = "nack:"
#: What the daemon counts, by what was wrong with a frame.
FRAME_CAUSES = {
    "frame_not_signed": "bad_tag",
    "frame_senseless": "malformed",
    "frame_failed": "failed",
    "frame_of_unknown_kind": "unknown_kind",
    "frame_before_2020": "before_2020",
    "frame_ahead": "ahead",
    "hello_stale": "replayed",
    "frame_of_unknown_car": "unknown_car",
    "broker_car_unknown": "unknown_car",
    "broker_topic_senseless": "foreign_topic",
    "mqtt_ended_topic": "foreign_topic",
    "broker_frame_retained": "retained",
    "mqtt_ended_retained": "retained",
    "broker_frame_too_large": "too_large",
    "mqtt_ended_too_large": "too_large",
    "event_of_foreign_booking": "foreign_booking",
    "frame_under_old_key": "old_key",
    "frame_of_blocked_car": "blocked_car",
    "frame_over_events": "too_many_events",
    "frame_over_journals": "too_many_journals",
    "hello_counter": "hello_counter",
    "hello_uptime": "hello_uptime",
    "hello_gen": "hello_gen",
    "hello_next": "hello_next",
    "hello_nonce": "hello_nonce",
}
MINUTE_S, HOUR_S = 60, 3600
SILENCE_BOUNDS_S = (30 * MINUTE_S, HOUR_S, 6 * HOUR_S, 24 * HOUR_S, 72 * HOUR_S, 168 * HOUR_S)
LACKED_BOUNDS_S = (HOUR_S, 6 * HOUR_S, 24 * HOUR_S, HORIZON_S)
REVOKED_BOUNDS_S = (0, HOUR_S, 24 * HOUR_S, health.LEASE_S)


def watch(turn: Turn, limits: Limits, listening_s: int) -> None:
    """`listening_s`: since when this daemon could have heard anybody."""
    _watch_silence(turn, limits, listening_s)
    late = {
        car: (f"{span(turn.now_s - since_s)} ago", since_s)
        for car, since_s in health_rows.revoked(turn.db)
        if turn.now_s - since_s >= health.LEASE_S
    }
    for car in _raise_new(turn, REVOCATION_UNCONFIRMED, late) - set(late):
        notice_rows.clear_alarm(turn.db, REVOCATION_UNCONFIRMED, car, turn.now_s)


def _watch_silence(turn: Turn, limits: Limits, listening_s: int) -> None:
    line = fleet_rows.line(turn.db)
    if line is not None:
        if line["trouble"]:
            return  # nobody can be heard; that is the trouble to be seen to
        listening_s = max(listening_s, int(line["since_s"]))
    before_s = turn.now_s - min(limits.silent_s, limits.silent_idle_s)
    found = health_rows.not_heard_since(turn.db, before_s, turn.now_s + health.NEEDED_S, turn.now_s)
    # Time to come for those that are there: several HELLOs, not a whole day after each restart.
    had_time = turn.now_s - listening_s >= limits.silent_s
    late: dict[str, tuple[str, int]] = {}
    for car, heard_s, added_s, is_needed in found:
        # A car that was never there is not missed before somebody wants it.
        if (heard_s or is_needed) and health.is_silent(
            limits, heard_s or added_s, turn.now_s, is_needed=bool(is_needed)
        ):
            said = f"last heard {span(turn.now_s - heard_s)} ago" if heard_s else "never heard"
            late[car] = said + (", needed soon" if is_needed else ""), heard_s
    is_open = _raise_new(turn, CAR_SILENT, late if had_time else {})
    for car in is_open - {car for car, *_ in found}:
        notice_rows.clear_alarm(turn.db, CAR_SILENT, car, turn.now_s)


def _raise_new(turn: Turn, name: str, late: dict[str, tuple[str, int]]) -> set[str]:
    """(detail, since) of each car, as `_raise_once`; the cars that had the alarm before.

    What is known is read once for all: with thousands of cars late, each look is short.
    """
    is_open = notice_rows.open_alarm_cars(turn.db, name)
    seen_to = health_rows.seen_to(turn.db, name)
    for car, (detail, since_s) in late.items():
        if car not in is_open and seen_to.get(car, -1) < since_s:
            notice_rows.raise_alarm(turn.db, name, car, turn.now_s, detail=detail)
    return is_open


def _raise_once(turn: Turn, name: str, car: str, detail: str, since_s: int | None = None) -> None:
    """The detail tells of the moment; it makes no second alarm.

    Nor does what stands since then, when somebody has seen to it and cleared it.
    """
    if not health_rows.is_known(turn.db, name, car, turn.now_s + 1 if since_s is None else since_s):
        notice_rows.raise_alarm(turn.db, name, car, turn.now_s, detail=detail)


def note_foreign_topic(turn: Turn, car: str, topic: str) -> None:
    """A car writes where no car's words belong: a broker's access list knows no shards."""
    _raise_once(turn, FOREIGN_TOPIC, car, f"it writes to {topic}")


def note_return(turn: Turn, car: str) -> None:
    """A boot that was over speaks again: another box with the same identity, or a late frame."""
    link = turn.link(car)
    link.returns_s = [
        at_s for at_s in link.returns_s if turn.now_s - at_s < health.RETURNS_WITHIN_S
    ][-health.RETURNS_MAX :]
    link.returns_s.append(turn.now_s)
    if len(link.returns_s) >= health.RETURNS_MAX:
        _raise_once(turn, CAR_CLONED, car, "two boxes take turns in its name")


def another_daemon_speaks(turn: Turn, car: str, forked: str) -> bool:
    """After so many forks another daemon must be at work on a clone of the database.

    If both went on, the car would change sides with each HELLO. So the one that finds out first
    keeps silent towards the car until somebody clears the alarms.
    """
    if health_rows.open_count(turn.db, forked, car) < health.FORKS_MAX:
        return False
    _raise_once(turn, DATABASE_CLONED, car, "another daemon has it; this one keeps silent")
    return True


#: Events that `hear_event` is about.
HEARD = car_faults.HEARD.union(
    code for code, name in AUDIT_NAMES.items() if name.endswith("_refused")
)


def hear_event(turn: Turn, car: str, event: Event) -> None:
    """An event that is new: does it refuse somebody, does something of the car fail?"""
    for reason in event.reasons:
        turn.counts[f"{REFUSED_BY_CAR}{reason}"] += 1
    car_faults.hear(turn, car, event)


def figures(db: Database, now_s: int) -> dict[str, Any]:
    """For `status` and metrics: counts with bounds, no names of people, no cards."""
    heard = health_rows.heard(db)
    silences = [now_s - at_s for at_s in heard if at_s]
    lacked = [
        starts_s - now_s for starts_s in health_rows.starts_lacked(db, now_s + HORIZON_S, now_s)
    ]
    revoked = [now_s - since_s for _, since_s in health_rows.revoked(db)]
    waiting = [now_s - since_s for since_s in health_rows.waiting(db)]
    backlogs = health_rows.backlogs(db)
    checkpointed_s = health_rows.checkpointed_s(db)
    blocked, retired = health_rows.shut_out(db)
    return {
        "cars": len(heard),
        "cars_never_heard": heard.count(0),
        "cars_blocked": blocked,
        "cars_retired": retired,
        "cars_silent": health.counted_above(silences, SILENCE_BOUNDS_S),
        "silence_s_max": max(silences, default=0),
        "bookings_not_in_car": {
            bound: sum(value <= bound for value in lacked) for bound in LACKED_BOUNDS_S
        },
        "revocations_unconfirmed": health.counted_above(revoked, REVOKED_BOUNDS_S),
        "revocation_s_max": max(revoked, default=0),
        "pushes_waiting": len(waiting),
        "push_waiting_s_max": max(waiting, default=0),
        "events_not_told": sum(backlogs),
        "events_not_told_max": max(backlogs, default=0),
        "events_missing": {"gap": 0, "lost": 0, **health_rows.missing(db)},
        "commands": {
            f"{VERB_NAMES.get(verb, 'other')} {status}": count
            for verb, status, count in health_rows.commands(db)
        },
        "alarms_open": health_rows.alarms(db),
        "mails_unsent": health_rows.mails_unsent(db),
        "checkpoint_age_s": None if checkpointed_s is None else now_s - checkpointed_s,
        "key_slots": health_rows.key_slots(db),
    }


def span(seconds: int) -> str:
    """As people say it."""
    if seconds < 2 * HOUR_S:
        return f"{seconds // MINUTE_S} min"
    return f"{seconds // HOUR_S} h" if seconds < 72 * HOUR_S else f"{seconds // (24 * HOUR_S)} days"
