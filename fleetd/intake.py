"""Frames of cars: opened, and handed to whom they concern."""

from __future__ import annotations

from firmware.wire import kb1, kb1_centre
from firmware.wire.journal_format import EPOCH_2020_S
from fleetd import car_keys, commands, ingest, isolation, pushes
from fleetd.core.bounds import AHEAD_S_MAX, STRIKES, SenselessHello
from fleetd.core.quota import OverQuota
from fleetd.store import car_rows, notice_rows
from fleetd.store.car_rows import Speaker
from fleetd.turn import Turn

HELLO_REFUSED = "hello_refused"
TELLS_TOO_MUCH = "car_tells_too_much"


def take_sealed(turn: Turn, car_id: str, sealed: bytes) -> None:
    """A frame as it came; what does not open, or makes no sense, is counted and changes nothing."""
    car = car_rows.find_speaker(turn.db, car_id)
    if car is None:
        turn.counts["frame_of_unknown_car"] += 1
        return
    if car.blocked_s is not None:
        turn.counts["frame_of_blocked_car"] += 1
        return
    kind = 0
    try:
        opened = car_keys.open_frame(turn, car, sealed)
        if opened is None:
            return
        kind = opened[0]
        turn.attempt(lambda: take_frame(turn, car, *opened))
    except SenselessHello as refused:
        _note_senseless(turn, car.id, refused.field)
    except OverQuota as over:
        _note_over(turn, car.id, over.what)
    except ValueError:
        turn.counts["frame_senseless"] += 1
    except Exception as error:
        if isolation.is_of_database(turn, error):
            raise  # it would fail for the others, too
        _note_failure(turn, car, kind, error)


def _note_senseless(turn: Turn, car_id: str, field: str) -> None:
    """A HELLO that no honest car says; the third without a good one is an alarm."""
    turn.counts[f"hello_{field}"] += 1
    link = turn.link(car_id)
    link.strikes += 1
    if link.strikes == STRIKES:
        detail = f"its {field} cannot be: another has its key, or its program is wrong"
        notice_rows.raise_counted(turn.db, HELLO_REFUSED, car_id, turn.now_s, detail)


def _note_over(turn: Turn, car_id: str, what: str) -> None:
    """Not confirmed, so an honest car says it again; one alarm, once an hour at most."""
    turn.counts[f"frame_over_{what}"] += 1
    quota = turn.link(car_id).quota
    if not quota.is_told:
        quota.is_told = True
        detail = f"more {what} within an hour than a car can have"
        notice_rows.raise_counted(turn.db, TELLS_TOO_MUCH, car_id, turn.now_s, detail)


def _note_failure(turn: Turn, car: Speaker, kind: int, error: Exception) -> None:
    """A bug that one car's frame brings out, and that is not to be the others' trouble."""
    turn.counts["frame_failed"] += 1
    if kind == kb1.HELLO:
        pushes.forget_hello(turn.link(car.id), turn.now_s)
    isolation.note(turn, car.id, f"a frame of kind {kind}", error)


def take_frame(turn: Turn, speaker: Speaker, kind: int, body: bytes) -> None:
    """What the car said; ValueError when the body makes no sense."""
    if kind == kb1.EVENTS:
        ingest.hear_events(turn, speaker, body)
        commands.send_pending(turn, speaker.id)
        return
    if kind == kb1.TELEMETRY:
        _hear_telemetry(turn, speaker.id, body)
        return
    car = car_rows.whole(turn.db, speaker)
    if kind == kb1.HELLO:
        pushes.hear_hello(turn, car, kb1_centre.unpack_hello(body))
        commands.send_pending(turn, car.id)
    elif kind == kb1.RESULT:
        commands.hear_result(turn, car, body)
    elif kind == kb1.NACK:
        pushes.hear_nack(turn, car, body)
    else:
        turn.counts["frame_of_unknown_kind"] += 1


def _hear_telemetry(turn: Turn, car_id: str, body: bytes) -> None:
    at_s, battery_mv, odometer_m, *place, is_valid = kb1_centre.unpack_telemetry(body)
    latest_s = turn.now_s + AHEAD_S_MAX
    if at_s < EPOCH_2020_S:
        turn.counts["frame_before_2020"] += 1
    elif at_s > latest_s:
        turn.counts["frame_ahead"] += 1
    else:
        position = (place[0], place[1]) if is_valid else None
        car_rows.put_telemetry(
            turn.db, car_id, at_s, battery_mv, odometer_m, position, turn.now_s, latest_s
        )
