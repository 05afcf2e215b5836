"""Every pattern of the reader, light by light; hazard lamps and sounder: START-3, END-4, END-5."""

import json

from firmware import lamp
from firmware.alerts import Alerts
from firmware.terms import load_terms
from firmware.turn import Turn
from firmware.wire import codes


def lights(pattern: int, since_ms: int) -> str:
    turn = Turn()
    lamp.show(pattern, since_ms, turn)
    return "".join("RGY"[i] for i in range(3) if turn.levels[i])


def film(pattern: int, length_ms: int = 3000, step_ms: int = 100) -> "list[str]":
    """The lights over time, each stretch once."""
    frames: "list[str]" = []
    for since in range(0, length_ms, step_ms):
        now = lights(pattern, since)
        if not frames or frames[-1] != now:
            frames.append(now)
    return frames


def test_patterns() -> None:
    assert film(codes.LAMP_DARK) == [""]
    assert film(codes.LAMP_RED) == ["R"]
    assert film(codes.LAMP_RED_BLINK) == ["R", "", "R", "", "R", ""]
    assert film(codes.LAMP_GREEN_BLINK) == ["G", "", "G", "", "G", ""]
    assert film(codes.LAMP_ORANGE_BLINK) == ["RY", "", "RY", "", "RY", ""]
    assert film(codes.LAMP_GREEN_YELLOW_BLINK) == ["G", "Y", "G", "Y", "G", "Y"]
    assert film(codes.LAMP_THREE_COLOUR) == ["R", "G", "Y", "R", "G", "Y"]
    assert film(codes.LAMP_REFUSED, 900, 50) == ["R", "", "R", "", "R", ""]


def test_the_next_turn_is_asked_for_at_the_next_change() -> None:
    for pattern in range(1, 8):
        for since in range(0, 3000, 70):
            turn = Turn()
            lamp.show(pattern, since, turn)
            if pattern == codes.LAMP_RED:
                continue
            before = lights(pattern, since)
            assert lights(pattern, since + turn.next_due_ms) != before
            assert lights(pattern, since + turn.next_due_ms - 1) == before


def alerts() -> Alerts:
    with open("firmware/profiles/top24-2023.json") as file:
        return Alerts(load_terms(json.load(file)))


def rises(signals: Alerts, output: int, length_ms: int) -> "tuple[int, int]":
    """How often an output comes on."""
    count = 0
    was = 0
    turn = Turn()
    for now in range(1000, 1000 + length_ms, 50):
        turn.clear()
        signals.show(now, turn)
        count += turn.levels[output] and not was
        was = turn.levels[output]
    return count, was


def test_two_flashes_at_the_start_one_at_the_end_start_3_end_4() -> None:
    for count in (1, 2):
        signals = alerts()
        signals.flash(count, 1000)
        assert rises(signals, codes.OUT_HAZARD, 5000) == (count, 0)


def test_a_flash_is_seen_as_one_whenever_a_refusal_flashes_still_end_4() -> None:
    for since in range(0, 5000, 50):
        signals = alerts()
        signals.alarm(1000)
        rises(signals, codes.OUT_HAZARD, since)
        signals.flash(1, 1000 + since)
        turn = Turn()
        signals.show(1000 + since, turn)
        assert turn.levels[codes.OUT_HAZARD] == 0 and turn.next_due_ms == 400
        assert turn.levels[codes.OUT_BUZZER] == 0
        signals.show(1400 + since, turn)
        assert turn.levels[codes.OUT_HAZARD] == 1 and turn.next_due_ms == 400
        turn.clear()
        signals.show(1800 + since, turn)
        assert turn.levels[codes.OUT_HAZARD] == 0


def test_a_warning_cuts_no_alarm_short_and_sounds_at_any_tick_end_5_use_3() -> None:
    turn = Turn()
    signals = alerts()
    signals.alarm(1000)
    signals.warn(2000)
    signals.show(5999, turn)
    assert turn.levels[codes.OUT_BUZZER] == 1
    signals.warn(5999)
    for now, sounds in ((8998, 1), (8999, 0)):
        turn.clear()
        signals.show(now, turn)
        assert turn.levels[codes.OUT_BUZZER] == sounds
    signals = alerts()
    signals.warn(0x3FFFFFFF)
    signals.show(0x3FFFFFFF, turn)
    assert turn.levels[codes.OUT_BUZZER] == 1


def test_a_refused_end_flashes_and_sounds_for_5_s_end_5() -> None:
    signals = alerts()
    signals.alarm(1000)
    assert rises(signals, codes.OUT_BUZZER, 10000) == (1, 0)
    signals.alarm(1000)
    assert rises(signals, codes.OUT_HAZARD, 10000) == (7, 0)
    turn = Turn()
    signals.alarm(1000)
    signals.show(5999, turn)
    assert turn.levels[codes.OUT_BUZZER] == 1
    turn.clear()
    signals.show(6000, turn)
    assert turn.levels[codes.OUT_BUZZER] == 0 and turn.levels[codes.OUT_HAZARD] == 0
