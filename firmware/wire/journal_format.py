"""Layout of an audit event, as the journal keeps it and the daemon stores it.

    code u8 | at u32 | clock u8 | booking u32 | detail

big-endian; `at` in seconds since 2020-01-01T00:00:00Z by the box's clock, `clock` 1 when
that clock was trusted; `booking` 0 when the event belongs to none. Details by code:

    *_requested, command_received,
    reunlocked, enrol_opened,
    staff_in, staff_out,
    technician_in, technician_out     cause u8 | ident 8
    card_enrolled                     cause u8 | ident 8 | driver u32
    *_refused                         cause u8 | ident 8 | n u8 | n x (reason u8 | argument u32)
    unlocked, ended                   cause u8 | ident 8 | driver u32 | odometer i32 |
                                      latitude i32 | longitude i32 | flags u8
    position_reported                 cause u8 | ident 8 | latitude i32 | longitude i32 | flags u8
    technician_action                 cause u8 | ident 8 | action u8 | argument u8
    window_over                       flags u8
    door_opened, door_closed          input u8
    extended                          new end u32 (seconds since 2020)
    locked, engine_blocked,
    engine_released, relocked,
    secured, reopened, reopen_locked  cause u8
    fault, fault_cleared              fault u8 | argument u8
    reset, power_lost                 state u8
    clock_set                         seconds that it was moved by, i32
    gap                               count u32

staff_in is the record of the unlock by a staff card, staff_out of what ended it: their card, a
deadline, a driver's start or reopen, the end of maintenance. Both, and the technician's, carry
booking 0. `ident` is a card's identifier or a command's id, zeros for neither. The argument of a reason:
too_early, when a start becomes possible (seconds since 2020); cannot_tell, the inputs as a bit
mask; otherwise 0. Odometer in metres, -1 without one; positions in microdegrees.
"""

import struct

HEAD = ">BIBI"
HEAD_BYTES = 10

FLAG_POSITION_VALID = 1
FLAG_STAFF_REVIEW = 2
FLAG_DOORS_OPEN = 4
FLAG_KEY_OUT = 8
FLAG_ODOMETER_PULSES = 16
FLAG_ODOMETER_POSITIONS = 32
FLAG_LIGHTS_ON = 64
FLAG_WINDOW_OPEN = 128

#: Unix seconds of 2020-01-01T00:00:00Z: add it to an `at` to get Unix time.
EPOCH_2020_S = 1577836800

NO_IDENT = b"\0\0\0\0\0\0\0\0"


def pack_event(code: int, at_s: int, trusted: int, booking: int, detail: bytes = b"") -> bytes:
    """One audit event as bytes."""
    return struct.pack(HEAD, code, at_s, trusted, booking) + detail


def pack_cause(cause: int, ident: bytes) -> bytes:
    """The detail of `*_requested` and of all others that name who asked and no more."""
    return bytes((cause,)) + ident


def pack_refusal(cause: int, ident: bytes, reasons: "list[tuple[int, int]]") -> bytes:
    """The detail of `*_refused`; reasons as (code, argument)."""
    parts = [bytes((cause,)), ident, bytes((len(reasons),))]
    for reason, argument in reasons:
        parts.append(struct.pack(">BI", reason, argument))
    return b"".join(parts)


def pack_use(
    cause: int,
    ident: bytes,
    driver: int,
    odometer_m: int,
    latitude_udeg: int,
    longitude_udeg: int,
    flags: int,
) -> bytes:
    """The detail of `unlocked` and `ended`."""
    return (
        bytes((cause,))
        + ident
        + struct.pack(">IiiiB", driver, odometer_m, latitude_udeg, longitude_udeg, flags)
    )
