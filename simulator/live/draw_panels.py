"""The panels beside and below the car: rental, phone, journal, story, keys."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text

from simulator.live.lines import Lines, beside, fit_all, title, wrap
from simulator.live.sentences import SITE, STATES, STATUSES, span, state_name
from simulator.live.told import ACTED, AWAITED, HELD, MISSED, REFUSED, SAID, Told
from simulator.live.view import Phone, View

PHONE_LINES = 4
#: State, booking, and so many deadlines at the least.
RENTAL_LINES_MIN = 5

_STATUS_STYLES = {
    "accepted": "bold green",
    "refused": "bold red",
    "pending": "bold",
    "unknown": "bold magenta",
}
_TOLD = {
    SAID: ("", "bold"),
    ACTED: ("→ ", ""),
    REFUSED: ("refused: ", "red"),
    HELD: ("✓ ", "green"),
    MISSED: ("✗ ", "bold red"),
    AWAITED: ("… ", "dim"),
}

#: Key -> what it does, a row a line.
KEYS = (
    "t own card  o other  u unknown  v staff   d door  p trunk  k key  n knob  g gear",
    "phone: s start  f end  x +15 min  m reopen  l lock  a unlock  i enrol  e engine",
    "b brake  c power  r reset  w network  j deadline  space pause  + - speed  q quit",
)


def draw_rental(view: View, width: int, height: int) -> Lines:
    """State, booking, deadlines."""
    state = STATES.get(view.state, "")
    lines = [title("The rental", width)]
    lines.append(Text.assemble((state_name(view.state), "bold"), f"  {state}" if state else ""))
    lines.append(Text(view.booking or "no booking", "" if view.booking else "dim"))
    for what, left_s in view.deadlines:
        style = "bold" if left_s < 10 else ""
        lines.append(beside(Text(what), Text(span(left_s), style), width))
    return fit_all(lines, width, height)


def draw_phone(phone: Phone, width: int, height: int) -> Lines:
    """The last operation and what came of it."""
    lines = [title("The phone", width, f"mail: {phone.mail}" if phone.mail else "")]
    if not phone.verb:
        lines.append(Text("nothing asked for yet", "dim"))
    else:
        status = (STATUSES[phone.status], _STATUS_STYLES[phone.status])
        lines.append(Text.assemble(SITE.get(phone.verb, phone.verb), ": ", status))
        lines += [Text(line) for line in wrap(phone.why, width, max(1, height - 2))]
    return fit_all(lines, width, height)


def draw_journal(view: View, width: int, height: int) -> Lines:
    """The newest audit events, newest last."""
    events = view.journal[-(height - 1) :] if height > 1 else ()
    lines = [title("The journal", width)]
    for at, what in events:
        style = "red" if "refused" in what or what.startswith("fault:") else ""
        lines.append(Text.assemble((at, "dim"), " ", (what, style)))
    return fit_all(lines, width, height)


def draw_story(told: Sequence[Told], note: str, width: int, height: int) -> Lines:
    """What was told last."""
    if height < 1:
        return []
    lines: Lines = []
    for one in reversed(told):
        if len(lines) >= height - 1:
            break
        lines = _told(one, width) + lines
    newest = lines[max(0, len(lines) - height + 1) :]
    return fit_all([title("The story", width, note), *newest], width, height)


def _told(one: Told, width: int) -> Lines:
    sign, style = _TOLD[one.kind]
    indent = len(one.at) + 2
    rows = wrap(sign + one.text, max(1, width - indent), 3)
    heads = [f"{one.at}  "] + [" " * indent] * (len(rows) - 1)
    return [
        Text.assemble((head, "dim"), (row, style)) for head, row in zip(heads, rows, strict=True)
    ]


def draw_keys(width: int) -> Lines:
    """Which key does what."""
    lines = []
    for row in KEYS:
        line = Text(row, "dim")
        line.highlight_regex(r"(?<![^ ])(?:[a-z+-]|space)(?= )", "bold not dim")
        lines.append(line)
    return fit_all(lines, width, len(KEYS))
