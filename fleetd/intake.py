"""Frames of cars: opened, and handed to whom they concern."""

from __future__ import annotations

from firmware.wire import kb1, kb1_centre
from firmware.wire.journal_format import EPOCH_2020_S
from fleetd import car_keys, commands, ingest, pushes
from fleetd.store import car_rows
from fleetd.store.car_rows import Car
from fleetd.turn import Turn


def take_sealed(turn: Turn, car_id: str, sealed: bytes) -> None:
    """A frame as it came; what does not open under the car's key is counted."""
    car = car_rows.find(turn.db, car_id)
    if car is None:
        turn.counts["frame_of_unknown_car"] += 1
        return
    opened = car_keys.open_frame(turn, car, sealed)
    if opened is not None:
        take_frame(turn, car, *opened)


def take_frame(turn: Turn, car: Car, kind: int, body: bytes) -> None:
    """What the car said; ValueError when the body makes no sense."""
    if kind == kb1.HELLO:
        pushes.hear_hello(turn, car, kb1_centre.unpack_hello(body))
        commands.send_pending(turn, car.id)
    elif kind == kb1.EVENTS:
        ingest.hear_events(turn, car, body)
        commands.send_pending(turn, car.id)
    elif kind == kb1.RESULT:
        commands.hear_result(turn, car, body)
    elif kind == kb1.NACK:
        pushes.hear_nack(turn, car, body)
    elif kind == kb1.TELEMETRY:
        at_s, battery_mv, odometer_m, *place, is_valid = kb1_centre.unpack_telemetry(body)
        if at_s < EPOCH_2020_S:
            turn.counts["frame_before_2020"] += 1
            return
        position = (place[0], place[1]) if is_valid else None
        car_rows.put_telemetry(turn.db, car.id, at_s, battery_mv, odometer_m, position, turn.now_s)
    else:
        turn.counts["frame_of_unknown_kind"] += 1
