"""The whole screen from view, story and pace: exact in every size from 80 x 24 on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rich.console import Group
from rich.text import Text

from simulator.live import draw_car
from simulator.live.draw_panels import (
    KEYS,
    PHONE_LINES,
    RENTAL_LINES_MIN,
    draw_journal,
    draw_keys,
    draw_phone,
    draw_rental,
    draw_story,
)
from simulator.live.lines import Lines, beside, fit, fit_all
from simulator.live.told import Told
from simulator.live.view import View, view_of

WIDTH_MIN, HEIGHT_MIN = 80, 24
_TOLD_SHOWN = 60


@dataclass(frozen=True)
class Pace:
    """How time passes: `mode` in words, the speed asked for."""

    mode: str
    speed: float


@dataclass(frozen=True)
class Screen:
    """All that is shown; two equal ones look the same."""

    title: str
    machine: str  # interpreter and heap
    terms: str  # profile and the like
    view: View
    pace: Pace
    told: tuple[Told, ...]
    note: str  # how the story stands
    places: str = ""  # where else the car is to be seen; "" where nobody said so


def screen_of(car: dict[str, Any], told: Sequence[Told], simulated_s: float) -> Screen:
    """Of the feed's "car" and what was told, at that time."""
    story = car["story"]
    awaited = (Told(**story["awaited"]),) if story["awaited"] else ()
    return Screen(
        title=car["title"],
        machine=car["machine"],
        terms=car["profile"],
        view=view_of(car, simulated_s),
        pace=Pace(**car["pace"]),
        told=(*told[-_TOLD_SHOWN:], *awaited),
        note=story["standing"],
    )


def draw(screen: Screen, width: int, height: int) -> Group:
    """Exactly `height` lines of `width` cells."""
    return Group(*draw_lines(screen, width, height))


def draw_lines(screen: Screen, width: int, height: int) -> Lines:
    """The same as a list."""
    if width < WIDTH_MIN or height < HEIGHT_MIN:
        size = f"This window has {width} x {height}; the car needs {WIDTH_MIN} x {HEIGHT_MIN}."
        at = Text(f"{screen.view.at:%H:%M:%S}  {screen.view.state}")
        return fit_all([Text(size), at, Text("q quits", "dim")], width, height)
    lines = _header(screen, width)
    spare = height - len(lines) - len(KEYS) - draw_car.HEIGHT
    body_height = draw_car.HEIGHT + (height - HEIGHT_MIN) // 2
    lines += _body(screen.view, width, body_height)
    lines += draw_story(screen.told, screen.note, width, spare + draw_car.HEIGHT - body_height)
    return lines + draw_keys(width)


def _header(screen: Screen, width: int) -> Lines:
    view, pace = screen.view, screen.pace
    clock = Text.assemble(f"{view.at:%a %Y-%m-%d}  ", (f"{view.at:%H:%M:%S}", "bold"))
    speed = f"speed {pace.speed:g}"
    left = Text.assemble(("Kagibako", "bold"), f"  {screen.title}", (f"  {screen.terms}", "dim"))
    parts = [f"network {view.network}", screen.machine]
    if view.clock:
        parts.insert(0, view.clock)
    if view.box != "runs":
        parts.insert(0, f"the box {view.box}")
    lines = [
        beside(left, clock, width),
        beside(Text(" · ".join(parts)), Text.assemble((pace.mode, "bold"), f"  {speed}"), width),
    ]
    return lines + ([fit(Text(screen.places), width)] if screen.places else [])


def _body(view: View, width: int, height: int) -> Lines:
    left = fit_all(draw_car.draw_car(view), draw_car.WIDTH, height)
    right_width = width - draw_car.WIDTH - 1
    spare = height - draw_car.HEIGHT
    rental_height = RENTAL_LINES_MIN + 1 + min(spare, 3)
    right = draw_rental(view, right_width, rental_height)
    right += draw_phone(view.phone, right_width, PHONE_LINES)
    right += draw_journal(view, right_width, height - len(right))
    return [Text.assemble(one, " ", other) for one, other in zip(left, right, strict=True)]
