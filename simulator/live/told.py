"""What is told of the story: what people do, what is expected, what came of it."""

from __future__ import annotations

from typing import NamedTuple

SAID = "said"  # the author's own words
ACTED = "acted"  # somebody did something
AWAITED = "awaited"  # something must show up
REFUSED = "refused"  # the car or the centre said no, and why
HELD = "held"
MISSED = "missed"
NOTED = "noted"  # anything that is to be seen of the car: lines of the timeline

#: Before the text, where lines are printed.
SIGNS = {
    SAID: "",
    ACTED: "-> ",
    REFUSED: "refused: ",
    HELD: "ok: ",
    MISSED: "MISSED: ",
    NOTED: "    ",
}


class Told(NamedTuple):
    """One line; `at` is the wall time as people read it."""

    at: str
    kind: str
    text: str
