"""Frames of cars: opened, and handed to whom they concern."""

from __future__ import annotations

import logging
import sqlite3
import traceback

from firmware.wire import kb1, kb1_centre
from firmware.wire.journal_format import EPOCH_2020_S
from fleetd import car_keys, commands, ingest, pushes
from fleetd.store import car_rows
from fleetd.store.car_rows import Speaker
from fleetd.turn import Turn

#: So far may a car's clock be ahead of ours: what comes from beyond would win for ever.
AHEAD_S_MAX = 300

log = logging.getLogger(__name__)


def take_sealed(turn: Turn, car_id: str, sealed: bytes) -> None:
    """A frame as it came; what does not open, or makes no sense, is counted and changes nothing."""
    car = car_rows.find_speaker(turn.db, car_id)
    if car is None:
        turn.counts["frame_of_unknown_car"] += 1
        return
    opened = car_keys.open_frame(turn, car, sealed)
    if opened is None:
        return
    try:
        turn.attempt(lambda: take_frame(turn, car, *opened))
    except ValueError:
        turn.counts["frame_senseless"] += 1
    except Exception as error:
        if _is_of_database(turn, error):
            raise  # it would fail for the others, too
        _note_failure(turn, car, opened[0], error)


def _is_of_database(turn: Turn, error: Exception) -> bool:
    """Full, locked, unreadable, damaged: nothing of this transaction can stand."""
    is_damaged = type(error) is sqlite3.DatabaseError
    is_over = not turn.db.connection.in_transaction  # SQLite itself has rolled everything back
    return is_damaged or is_over or isinstance(error, sqlite3.OperationalError)


def _note_failure(turn: Turn, car: Speaker, kind: int, error: Exception) -> None:
    """A bug that one car's frame brings out, and that is not to be the others' trouble."""
    turn.counts["frame_failed"] += 1
    link = turn.link(car.id)
    if kind == kb1.HELLO:
        pushes.forget_hello(link, turn.now_s)
    link.failures += 1
    if link.failures & (link.failures - 1) == 0:  # the 1st, 2nd, 4th, 8th ...
        # Without the exception's own text: it may hold what was in the frame.
        log.error(
            "car %s: a frame of kind %d failed and has no effect, number %d: %s\n%s",
            car.id, kind, link.failures, type(error).__name__,
            "".join(traceback.format_tb(error.__traceback__)),
        )  # fmt: skip


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
