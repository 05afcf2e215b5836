"""What the reader shows: a function of state, session, snapshot and time."""

from firmware.session import KEY_WAS_OUT, LAPSED
from firmware.wire.codes import (
    LAMP_DARK,
    LAMP_GREEN_BLINK,
    LAMP_GREEN_YELLOW_BLINK,
    LAMP_ORANGE_BLINK,
    LAMP_RED,
    LAMP_RED_BLINK,
    LAMP_REFUSED,
    LAMP_THREE_COLOUR,
    OUT_GREEN,
    OUT_RED,
    OUT_YELLOW,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.rental import Rental
    from firmware.turn import Turn

BLINK_ON_MS = 500
BLINK_MS = 1000
REFUSED_ON_MS = 150
REFUSED_MS = 300

RED = 1 << OUT_RED
GREEN = 1 << OUT_GREEN
YELLOW = 1 << OUT_YELLOW


def choose(rental: "Rental", window_is_open: bool, end_is_possible: bool) -> int:
    """The pattern for this state (vehicle states; START-4, START-5, END-3, REOPEN-1, ENROL-1).

    A reader that is silent invites nobody (FAULT-1); a touch that it took before is still answered.
    """
    state = rental.state
    terms = rental.terms
    if not rental.settings.has_reader:
        return LAMP_DARK
    if state == "authorising" and not rental.goes_on("enrol"):
        return terms.lamp_talking
    if not rental.snapshot.reader_is_healthy:
        return LAMP_DARK
    if rental.goes_on("enrol"):
        return LAMP_GREEN_YELLOW_BLINK  # ENROL-1; START-5 does not forbid it
    if state == "vacant":
        return terms.lamp_start if window_is_open else LAMP_DARK
    if state == "ended" or state == "reopened":
        if not rental.session.has(LAPSED) and rental.goes_on("reopen_window"):
            return terms.lamp_reopen
        if state == "ended" and window_is_open:
            return terms.lamp_start
        return LAMP_DARK
    if rental.is_in_use() and state != "ending" and end_is_possible:
        return terms.lamp_end
    return LAMP_DARK


def reopen_window_is_open(rental: "Rental") -> bool:
    """Not closed yet; what may be done in it asks whether it goes on (REOPEN-1)."""
    slot = rental.deadlines.index("reopen_window")
    return rental.deadlines.is_armed(slot)


def shows_end(rental: "Rental", end_checks_hold: bool) -> bool:
    """END-3: the key was out and is back, END-1 holds, START-5 does not forbid it."""
    session = rental.session
    return session.has(KEY_WAS_OUT) and not session.has(LAPSED) and end_checks_hold


def show(pattern: int, since_ms: int, turn: "Turn") -> None:
    """Write the lamp's levels for a pattern that has stood for `since_ms`, and when they change."""
    turn.lamp = pattern
    lights = 0
    if pattern == LAMP_DARK:
        return
    if pattern == LAMP_RED:
        lights = RED
    elif pattern == LAMP_REFUSED:
        phase = since_ms % REFUSED_MS
        lights = RED if phase < REFUSED_ON_MS else 0
        turn.due_in(REFUSED_ON_MS - phase if phase < REFUSED_ON_MS else REFUSED_MS - phase)
    elif pattern == LAMP_THREE_COLOUR:
        turn.due_in(BLINK_ON_MS - since_ms % BLINK_ON_MS)
        third = since_ms // BLINK_ON_MS % 3
        lights = RED if third == 0 else GREEN if third == 1 else YELLOW
    elif pattern == LAMP_GREEN_YELLOW_BLINK:
        turn.due_in(BLINK_ON_MS - since_ms % BLINK_ON_MS)
        lights = GREEN if since_ms % BLINK_MS < BLINK_ON_MS else YELLOW
    else:
        phase = since_ms % BLINK_MS
        turn.due_in(BLINK_ON_MS - phase if phase < BLINK_ON_MS else BLINK_MS - phase)
        if phase < BLINK_ON_MS:
            if pattern == LAMP_RED_BLINK:
                lights = RED
            elif pattern == LAMP_GREEN_BLINK:
                lights = GREEN
            elif pattern == LAMP_ORANGE_BLINK:
                lights = RED | YELLOW
    for out in range(OUT_RED, OUT_YELLOW + 1):
        if lights & (1 << out):
            turn.levels[out] = 1
