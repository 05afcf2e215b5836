"""What the car remembers of the running (or last) rental; packed into the journal (SAFE-3)."""

import struct

from firmware.deadlines import Deadlines
from firmware.rental_rows import RENTAL
from firmware.wire.codes import BY_NOBODY, STATE_NAMES, WARN_LIGHTS_ON, WARN_WINDOW_OPEN
from firmware.wire.journal_format import FLAG_LIGHTS_ON, FLAG_WINDOW_OPEN, NO_IDENT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from firmware.bookings import Bookings

FORMAT = 2
#: The format before had no enrolment and the first seven deadlines of today's.
_FORMAT_1 = 1
_SLOTS_1 = 7
_HEAD = ">BBBIBIIiBB8s"
_ENROL = ">II"
_ENROL_BYTES = 8
_USED_MAX = 8

# Bits of `flags`.
LAPSED = 1  # started after the reader window: the reader stays dark (START-5)
KEY_WAS_OUT = 2  # since the unlock (END-3)
SECURITY_DUE = 4  # a lock waits for the engine to stop (SAFE-1)
REOPEN_USED = 8  # REOPEN-5
REOPEN_DOOR = 16  # a door was opened since the reopen (REOPEN-6)
STAFF_REVIEW = 32  # END-8
OVER = 64  # nobody's car; what is left explains refusals only
STAFF_IN = 128  # a staff card opened the car and has not locked it (STAFF-CAR-1)


class Session:
    """Plain values; `clear` makes it nobody's."""

    def __init__(self) -> None:
        self.used: "list[int]" = []  # bookings that were used up, newest last
        # While the deadline `enrol` is armed: whose card the next touch is (ENROL-1).
        self.enrol_booking = 0
        self.enrol_driver = 0
        # As sampled for `unlocked` or `ended`. It outlives a turn that is taken back: END-4.
        self.use_detail = b""
        self.clear()

    def clear(self) -> None:
        """Forget the rental, but neither which bookings are used up nor an enrolment."""
        self.booking = 0
        self.driver = 0
        self.ends_s = 0
        self.flags = 0
        self.cause = BY_NOBODY
        self.ident = NO_IDENT
        self.came_from = 0  # index of the state that `ending` came from
        self.tries = 0
        self.command = NO_IDENT  # the end command that waits for its result
        self.is_resumed = False  # a reset came after the last transition

    def has(self, flag: int) -> bool:
        return self.flags & flag != 0

    def set(self, flag: int) -> None:
        self.flags |= flag

    def unset(self, flag: int) -> None:
        self.flags &= ~flag

    def warnings(self) -> bytes:
        """END-2: what does not refuse the end but is told with it, as `ended` tells it."""
        flags = self.use_detail[-1] if self.use_detail else 0
        found = bytearray()
        if flags & FLAG_LIGHTS_ON:
            found.append(WARN_LIGHTS_ON)
        if flags & FLAG_WINDOW_OPEN:
            found.append(WARN_WINDOW_OPEN)
        return bytes(found)

    def use_up(self, booking: int, bookings: "Bookings") -> None:
        """Remember that this booking cannot be started again (START-6, "book again").

        Of too many the one that ends first is forgotten, before it those that the copy lacks: what
        could be started for the shortest time, or not at all. It needs no clock.
        """
        used = self.used
        if booking in used:
            used.remove(booking)
        if len(used) == _USED_MAX:
            ends = []
            for one in used:
                index = bookings.find(one)
                ends.append(bookings.ends_s(index) if index >= 0 else 0)
            used.pop(ends.index(min(ends)))
        used.append(booking)


def pack(
    session: Session, state: str, ends_left_s: int, deadlines: Deadlines, wall_s: int, beliefs: int
) -> bytes:
    """The session record: state, remaining times, what the rental knows, an open enrolment.

    beliefs: as `Snapshot.beliefs` has them.
    """
    parts = [
        struct.pack(
            _HEAD,
            FORMAT,
            STATE_NAMES.index(state),
            session.flags,
            wall_s,
            beliefs,
            session.booking,
            session.driver,
            ends_left_s,
            session.cause,
            session.came_from,
            session.ident,
        ),
        struct.pack(">I", session.ends_s),
        bytes((len(session.used), len(deadlines.names))),
    ]
    for booking in session.used:
        parts.append(struct.pack(">I", booking))
    for slot in range(len(deadlines.names)):
        parts.append(struct.pack(">i", deadlines.left_ms(slot)))
    if deadlines.is_armed(deadlines.index("enrol")):
        parts.append(struct.pack(_ENROL, session.enrol_booking, session.enrol_driver))
    return b"".join(parts)


def unpack(record: bytes, session: Session, deadlines: Deadlines) -> "tuple[Any, ...] | None":
    """Fill session and deadlines (armed with the remaining times of the record).

    Returns (state, wall_s, beliefs, ends_left_s), or None when the record is of a later
    format or makes no sense; then nothing was changed. The format before is read as well.
    """
    head_bytes = struct.calcsize(_HEAD)
    if len(record) < head_bytes + 6 or record[0] not in (_FORMAT_1, FORMAT):
        return None
    head = struct.unpack_from(_HEAD, record, 0)
    used = record[head_bytes + 4]
    slots = record[head_bytes + 5]
    at = head_bytes + 6
    end = at + 4 * used + 4 * slots
    if (
        slots != (len(deadlines.names) if record[0] == FORMAT else _SLOTS_1)
        or used > _USED_MAX
        or max(head[1], head[9]) >= len(STATE_NAMES)
        or STATE_NAMES[head[1]] not in RENTAL.states
        or len(record) not in (end, end + _ENROL_BYTES)
    ):
        return None
    enrol = deadlines.index("enrol")
    enrols = enrol < slots and struct.unpack_from(">i", record, end + 4 * (enrol - slots))[0] >= 0
    if enrols != (len(record) > end):
        return None
    session.clear()
    session.flags = head[2]
    session.booking = head[5]
    session.driver = head[6]
    session.cause = head[8]
    session.came_from = head[9]
    session.ident = head[10]
    session.ends_s = struct.unpack_from(">I", record, head_bytes)[0]
    session.used = [struct.unpack_from(">I", record, at + 4 * i)[0] for i in range(used)]
    at += 4 * used
    for slot in range(len(deadlines.names)):
        left_ms = struct.unpack_from(">i", record, at + 4 * slot)[0] if slot < slots else -1
        if left_ms >= 0:
            deadlines.arm(slot, left_ms)
        else:
            deadlines.disarm(slot)
    if enrols:
        session.enrol_booking, session.enrol_driver = struct.unpack_from(_ENROL, record, end)
    return STATE_NAMES[head[1]], head[3], head[4], head[7]
