"""What is drawn: in every size exact, with all that there is to be seen."""

import io
from dataclasses import replace

import pytest
from rich.cells import cell_len
from rich.console import Console

from firmware.rental_table import TIMEOUTS
from simulator.audit import Reason
from simulator.live import sentences
from simulator.live.draw_car import WIDTH
from simulator.live.draw_screen import HEIGHT_MIN, WIDTH_MIN, Pace, Screen, draw_lines
from simulator.live.frames import Frames, as_svg
from simulator.live.told import AWAITED, MISSED, SAID, Told
from simulator.live.view import Light, Phone
from simulator.scenario import words
from tests.simulator.live.troupe import OutsideTime, act, cast_of, morning, run_for, screen_of

SIZES = [(80, 24), (81, 25), (100, 30), (120, 40), (200, 60)]
DARK = Light(False, False, False, False, False, False)


@pytest.fixture(scope="module", name="parked")
def parked_screen() -> Screen:
    with cast_of(morning()) as cast:
        return screen_of(cast)


@pytest.fixture(scope="module", name="busy")
def busy_screen() -> Screen:
    """As much as there can be: doors open, a refusal, long lines."""
    with cast_of(morning()) as cast:
        run_for(cast.stage.kernel, 300)
        for key in "tdpnkoufxmle":
            cast.telling.say(SAID, ", ".join(act(cast, key, 0)) + " and so on" * 20)
            run_for(cast.stage.kernel, 4)
        return screen_of(cast)


def plain(screen: Screen, width: int, height: int) -> list[str]:
    return [line.plain for line in draw_lines(screen, width, height)]


def text_of(screen: Screen, width: int = 80, height: int = 24) -> str:
    return "\n".join(plain(screen, width, height))


def with_body(screen: Screen, **changes: object) -> Screen:
    body = replace(screen.view.body, **changes)  # type: ignore[arg-type]
    return replace(screen, view=replace(screen.view, body=body))


def with_view(screen: Screen, **changes: object) -> Screen:
    return replace(screen, view=replace(screen.view, **changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(("width", "height"), [*SIZES, (79, 24), (80, 23), (20, 3), (1, 1)])
@pytest.mark.parametrize("which", ["parked", "busy"])
def test_every_line_has_the_width_and_there_are_so_many(
    which: str, width: int, height: int, request: pytest.FixtureRequest
) -> None:
    lines = draw_lines(request.getfixturevalue(which), width, height)
    assert len(lines) == height
    assert {line.cell_len for line in lines} == {width}


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_a_parked_car_has_everything(parked: Screen, width: int, height: int) -> None:
    text = text_of(parked, width, height)
    for said in (
        "A morning", "09:45:30", "real time", "speed 1", "network up", "CPython 3.",
        "LOCKED", "key in, knob at ◀ return", "off, start blocked", "brake on, gear P",
        "lights off, window closed", "12.6 V", "12,345.0 km", "35.681N 139.767E",
        "vacant", "nobody is using the car", "B1  10:00 to 12:00  XXY00001001",
        "B1: a start is possible", "0:30", "nothing asked for yet", "The journal", "The story",
        "t own card", "v staff", "a unlock", "i enrol", "g gear", "w network", "q quit",
    ):  # fmt: skip
        assert said in text, said
    assert "…" not in text


def test_addresses_stay_in_sight(parked: Screen) -> None:
    """In the smallest window, with the longest ports."""
    site = "http://127.0.0.1:65535"
    places = f"desk page {site}   phones {site}"
    rows = plain(replace(parked, places=places), 80, 24)
    assert (len(rows), rows[2].rstrip()) == (24, places)
    assert "The story" in rows[17]


def test_a_small_window_says_what_it_needs(parked: Screen) -> None:
    assert f"{WIDTH_MIN} x {HEIGHT_MIN}" in text_of(parked, 78, 20)


@pytest.mark.parametrize(
    ("lights", "word", "style"),
    [
        ({}, "dark", "dim"),
        ({"red": True}, "red", "on red"),
        ({"green": True}, "green", "on green"),
        ({"yellow": True}, "yellow", "on yellow"),
        ({"red": True, "yellow": True}, "orange", "on dark_orange"),
    ],
)
def test_the_lamp_has_the_colour_of_its_lines(
    parked: Screen, lights: dict[str, bool], word: str, style: str
) -> None:
    screen = with_view(parked, light=replace(DARK, **lights))
    line = next(one for one in draw_lines(screen, 80, 24) if one.plain.startswith("Reader"))
    assert line.plain[:WIDTH].split("]")[1].strip() == word
    assert any(style in str(span.style) for span in line.spans)
    lamp = next(one for one in draw_lines(screen, 80, 24) if "LOCKED" in one.plain)
    assert ("●" in lamp.plain) == bool(lights)


def test_hazard_lamps_are_at_all_corners(parked: Screen) -> None:
    assert text_of(parked).count("◆") == 0
    lit = text_of(with_view(parked, light=replace(DARK, hazard=True)))
    assert lit.count("◆") == 6
    assert lit.count("◇") == 0


def test_sounders_are_named(parked: Screen) -> None:
    assert "♪ buzzer" in text_of(with_view(parked, light=replace(DARK, buzzer=True)))
    assert "♪ voice" in text_of(with_view(parked, light=replace(DARK, voice=True)))


@pytest.mark.parametrize("door", ["driver", "passenger", "rear-left", "rear-right", "trunk"])
def test_each_door_is_seen_open(parked: Screen, door: str) -> None:
    opened = text_of(with_body(parked, open_doors=frozenset({door})))
    words_there = {"rear-left": "╲ rear", "rear-right": "╱ rear", "driver": "╱ driver"}
    word = words_there.get(door, door)
    closed = text_of(parked)
    assert opened.count(word) == closed.count(word) + 1
    wall = "┃" if door == "trunk" else "━"
    assert opened.count(wall) < closed.count(wall)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"is_locked": False}, "UNLOCKED"),
        ({"is_blocked": False}, "free to start"),
        ({"engine_is_on": True}, "running"),
        ({"engine_is_on": True}, "▒▒"),
        ({"key_is_in": False}, "key out"),
        ({"knob": "rent"}, "knob at ▶ rent"),
        ({"knob": ""}, "at a connector"),
        ({"brake_is_on": False}, "brake off"),
        ({"gear": "R"}, "gear R"),
        ({"is_moving": True}, "moving"),
        ({"lights_are_on": True}, "lights on"),
        ({"window_is_open": True}, "window open"),
        ({"battery_mv": 11_400}, "11.4 V"),
        ({"has_reader": False}, "none; by phone only"),
    ],
)
def test_each_change_of_the_car_is_seen(
    parked: Screen, change: dict[str, object], said: str
) -> None:
    assert said not in text_of(parked)
    assert said in text_of(with_body(parked, **change))


def test_the_phone_says_why_in_the_smallest_window(parked: Screen) -> None:
    for code in words.REASONS:
        why = sentences.about_reason(Reason(code), None)
        screen = with_view(parked, phone=Phone("start", "refused", why, ""))
        text = " ".join(line[WIDTH + 1 :].strip() for line in plain(screen, 80, 24))
        assert f"start: refused {why}".strip() in text


def test_every_state_and_deadline_has_words() -> None:
    assert set(words.STATES) <= set(sentences.STATES)
    assert {row[0] for row in TIMEOUTS} == set(sentences.DEADLINES)
    for _, states in sentences.DEADLINES.values():
        assert set(states) <= set(words.STATES)


def test_every_state_fits(parked: Screen) -> None:
    for state, sentence in sentences.STATES.items():
        text = text_of(with_view(parked, state=state))
        assert f"{state.replace('_', ' ')}  {sentence}" in text


def test_a_long_line_of_the_story_is_wrapped_under_itself(parked: Screen) -> None:
    told = (Told("10:00:00", SAID, "word " * 25), Told("10:00:01", MISSED, "wanted more"))
    rows = plain(replace(parked, told=told), 80, 24)[-7:-3]
    assert rows[0].startswith("10:00:00  word")
    assert rows[1].startswith("          word")
    assert rows[2].startswith("10:00:01  ✗ wanted more")


def test_the_newest_line_of_the_story_is_always_there(parked: Screen) -> None:
    told = tuple(Told("10:00:00", SAID, "word " * 40) for _ in range(5))
    last = Told("10:00:09", AWAITED, "the last one")
    assert "… the last one" in text_of(replace(parked, told=(*told, last)))


def test_more_room_shows_more_of_journal_and_story(busy: Screen) -> None:
    small, large = plain(busy, 80, 24), plain(busy, 120, 40)
    assert len([one for one in large if "refused" in one]) > len(
        [one for one in small if "refused" in one]
    )


def test_wide_letters_do_not_overflow(parked: Screen) -> None:
    screen = replace(parked, title="鍵箱のある一日" * 10)
    assert {cell_len(line) for line in plain(screen, 80, 24)} == {80}


def test_trouble_comes_first_in_the_head(parked: Screen) -> None:
    screen = with_view(parked, box="has no power", clock="clock lost", network="down")
    assert plain(screen, 80, 24)[1].startswith("the box has no power · clock lost · network down")


def test_the_pace_is_told(parked: Screen) -> None:
    head = plain(replace(parked, pace=Pace("racing x480", 10.0)), 80, 24)[1]
    assert head.endswith("racing x480  speed 10")


def test_the_picture_is_an_svg_that_fetches_nothing(busy: Screen) -> None:
    svg = as_svg(busy)
    assert svg.startswith("<svg")
    assert "LOCKED" in svg
    assert svg.count("http") == svg.count("http://www.w3.org/2000/svg")
    # Blanks before a word are a place further right: some viewers leave them out.
    assert ">&#160;" not in svg
    assert as_svg(busy) == svg


def test_frames_are_drawn_ten_times_a_second_and_only_when_something_changed(
    parked: Screen,
) -> None:
    time = OutsideTime()
    out = io.StringIO()
    console = Console(file=out, force_terminal=True, width=80, height=24, legacy_windows=False)
    frames = Frames(console, time.monotonic)
    screens = [replace(parked, note=f"step {number}") for number in range(100)]
    for screen in screens:
        time.wait(0.02)
        frames.show(lambda screen=screen: screen)  # type: ignore[misc]
    assert 16 <= frames.drawn <= 21
    drawn = frames.drawn
    for _ in range(100):
        time.wait(0.02)
        frames.show(lambda: screens[-1])
    assert frames.drawn <= drawn + 1
