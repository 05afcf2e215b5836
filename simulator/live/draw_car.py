"""The car from above, front to the left, and what else is to be seen of it."""

from __future__ import annotations

from rich.text import Text

from simulator.live.lines import Canvas, Lines
from simulator.live.view import Body, Light, View

WIDTH = 38
HEIGHT = 14

#: A battery below this is shown as low.
LOW_MV = 11_800

_OPEN = "bold magenta"
_ROOF = "dim"

#: Door -> (row of its wall, first column, row outside, its name there).
_DOORS = {
    "driver": (1, 10, 0, "╱ driver"),
    "rear-right": (1, 21, 0, "╱ rear"),
    "passenger": (5, 10, 6, "╲ passenger"),
    "rear-left": (5, 21, 6, "╲ rear"),
}
_DOOR_WIDTH = 8
_REAR = 34


def draw_car(view: View) -> Lines:
    """HEIGHT lines of WIDTH."""
    return [*_from_above(view), *_facts(view)]


def _from_above(view: View) -> Lines:
    body, light = view.body, view.light
    canvas = Canvas(WIDTH, 7)
    canvas.put(1, 2, "╭" + "─" * (_REAR - 3) + "╮")
    canvas.put(5, 2, "╰" + "─" * (_REAR - 3) + "╯")
    for row in (2, 3, 4):
        canvas.put(row, 2, "│")
    canvas.put(2, 8, "╱", _ROOF)
    canvas.put(3, 7, "│", _ROOF)
    canvas.put(4, 8, "╲", _ROOF)
    for row in (2, 3, 4):
        canvas.put(row, 19, "┆", _ROOF)
        canvas.put(row, 30, "│", _ROOF)
    _doors(canvas, body)
    _trunk(canvas, body)
    _hazards(canvas, light)
    if body.has_reader:
        canvas.put(3, 8, *_lamp(light))
    word = "LOCKED" if body.is_locked else "UNLOCKED"
    canvas.put(3, 21, word, "bold" if body.is_locked else "bold green")
    engine = "▒▒" if body.engine_is_on else "  "
    canvas.put(3, 4, engine, "cyan")
    return canvas.lines()


def _doors(canvas: Canvas, body: Body) -> None:
    for door, (row, column, outside, name) in _DOORS.items():
        if door in body.open_doors:
            canvas.put(row, column, " " * _DOOR_WIDTH)
            canvas.put(outside, column, name, _OPEN)
        else:
            canvas.put(row, column, "━" * _DOOR_WIDTH, "bold")


def _trunk(canvas: Canvas, body: Body) -> None:
    for row in (2, 3, 4):
        if "trunk" in body.open_doors:
            canvas.put(row, _REAR, "╲│╱"[row - 2], _OPEN)
        else:
            canvas.put(row, _REAR, "┃", "bold")
    if "trunk" in body.open_doors:
        canvas.put(6, 30, "trunk", _OPEN)


def _hazards(canvas: Canvas, light: Light) -> None:
    sign, style = ("◆", "black on yellow") if light.hazard else ("◇", "dim")
    for row in (1, 5):
        canvas.put(row, 1, sign, style)
        canvas.put(row, _REAR + 1, sign, style)


def _lamp(light: Light) -> tuple[str, str]:
    """The reader's lamp: its sign, and the colour in which it is lit now."""
    colour = _colour(light)
    return ("●", f"bold {_INK[colour]}") if colour else ("○", "dim")


_INK = {"red": "red", "green": "green", "yellow": "yellow", "orange": "dark_orange"}
_PAPER = {
    "red": "bold white on red",
    "green": "black on green",
    "yellow": "black on yellow",
    "orange": "black on dark_orange",
}


def _colour(light: Light) -> str:
    """Red and yellow together are orange; "" is dark."""
    if light.red:
        return "orange" if light.yellow else "red"
    if light.green:
        return "green"
    return "yellow" if light.yellow else ""


def _facts(view: View) -> Lines:
    body = view.body
    return [
        _fact("Reader", *_reader(view)),
        _fact("Key box", *_key_box(body)),
        _fact("Engine", *_engine(body)),
        _fact("Drive", *_drive(body)),
        _fact("Cabin", *_cabin(body)),
        _fact("Hazards", *_signals(view.light)),
        _fact("Where", *_where(body)),
    ]


def _fact(name: str, *parts: str | tuple[str, str]) -> Text:
    return Text.assemble((f"{name:8}", "dim"), *parts)


def _reader(view: View) -> list[str | tuple[str, str]]:
    if not view.body.has_reader:
        return ["none; by phone only"]
    colour = _colour(view.light)
    if not colour:
        return ["[     ] ", ("dark", "dim")]
    return ["[", ("     ", _PAPER[colour]), "] ", colour]


def _key_box(body: Body) -> list[str | tuple[str, str]]:
    key = "key in" if body.key_is_in else "key out"
    where = (key, "" if body.key_is_in else "bold magenta")
    if not body.knob:
        return [where, ", at a connector"]
    arrow = "◀" if body.knob == "return" else "▶"
    return [where, ", knob at ", (f"{arrow} {body.knob}", "" if body.knob == "return" else "bold")]


def _engine(body: Body) -> list[str | tuple[str, str]]:
    runs = ("running", "bold cyan") if body.engine_is_on else "off"
    block = "start blocked" if body.is_blocked else ("free to start", "green")
    volt = f"{body.battery_mv / 1000:.1f} V"
    return [runs, ", ", block, "  ", (volt, "bold red" if body.battery_mv < LOW_MV else "dim")]


def _drive(body: Body) -> list[str | tuple[str, str]]:
    brake = "brake on" if body.brake_is_on else ("brake off", "bold")
    moves = ", moving" if body.is_moving else ""
    return [brake, f", gear {body.gear}{moves}"]


def _cabin(body: Body) -> list[str | tuple[str, str]]:
    lights = ("lights on", "bold") if body.lights_are_on else "lights off"
    window = ("window open", "bold") if body.window_is_open else "window closed"
    return [lights, ", ", window]


def _signals(light: Light) -> list[str | tuple[str, str]]:
    hazard = ("◆ on ◆", "black on yellow") if light.hazard else ("◇ off", "dim")
    if light.buzzer:
        return [hazard, "  ", ("♪ buzzer", "bold reverse")]
    if light.voice:
        return [hazard, "  ", ("♪ voice", "bold reverse")]
    return [hazard]


def _where(body: Body) -> list[str | tuple[str, str]]:
    latitude, longitude = body.latitude_udeg / 1e6, body.longitude_udeg / 1e6
    return [f"{latitude:.3f}N {longitude:.3f}E  {body.odometer_m / 1000:,.1f} km"]
