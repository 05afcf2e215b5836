"""The model of the screen, from a car that really lives."""

from itertools import pairwise

from simulator.live.view import View
from simulator.scenario.reader import read_text
from tests.simulator.live.troupe import MORNING, act, cast_of, morning, run_for, view_now

CARD = bytes.fromhex("0101060112AB34CD")


def test_a_parked_car() -> None:
    with cast_of(morning()) as cast:
        view = view_now(cast)
        assert f"{view.at:%Y-%m-%d %H:%M:%S}" == "2026-04-01 09:45:30"
        assert (view.state, view.box, view.network, view.clock) == ("vacant", "runs", "up", "")
        assert view.booking == "B1  10:00 to 12:00  XXY00001001"
        assert view.deadlines == (
            ("B1: a start is possible", 30),
            ("B1 begins", 870),
            ("B1 ends", 8070),
        )
        body = view.body
        assert body.is_locked
        assert body.is_blocked
        assert body.key_is_in
        assert body.knob == "return"
        assert (body.battery_mv, body.odometer_m) == (12_600, 12_345_000)
        # Switched on when it got its records, and again shortly before the story.
        both = ("power lost", "reset")
        assert view.journal == tuple((at, one) for at in ("04:45:30", "09:44:50") for one in both)
        assert view.phone.verb == ""


def lights_for(seconds: int) -> list[tuple[bool, bool, bool]]:
    """The reader's lamps each quarter of a second, from 09:46:01 on."""
    found = []
    with cast_of(morning()) as cast:
        run_for(cast.stage.kernel, 31)
        for _ in range(4 * seconds):
            run_for(cast.stage.kernel, 0.25)
            light = view_now(cast).light
            found.append((light.red, light.green, light.yellow))
    return found


def test_the_lamp_is_the_line_and_not_the_pattern() -> None:
    red = [one[0] for one in lights_for(4)]
    assert red.count(True) == 8
    changes = sum(1 for before, after in pairwise(red) if before != after)
    assert changes in (7, 8)
    assert not any(green or yellow for _, green, yellow in lights_for(1))


def test_the_window_of_the_reader_counts_down() -> None:
    with cast_of(morning()) as cast:
        run_for(cast.stage.kernel, 60)
        assert ("the reader goes dark", 45 * 60 - 30) in view_now(cast).deadlines


def unlocked_car_view(seconds: float) -> View:
    with cast_of(morning()) as cast:
        run_for(cast.stage.kernel, 300)
        cast.stage.tap(CARD)
        run_for(cast.stage.kernel, seconds)
        return view_now(cast)


def test_an_unlocked_car_counts_to_its_locking() -> None:
    view = unlocked_car_view(5)
    assert view.state == "unlocked"
    assert not view.body.is_locked
    assert not view.body.is_blocked
    names = [what for what, _ in view.deadlines]
    assert names[:2] == ["locks, unless a door opens", "security lock, unless key taken"]
    left_s = view.deadlines[0][1]
    assert 50 < left_s < 60
    assert [what for _, what in view.journal][-3:] == [
        "start requested",
        "unlocked",
        "engine released",
    ]


def test_the_deadline_of_the_key_is_gone_when_the_key_is_out() -> None:
    with cast_of(morning()) as cast:
        run_for(cast.stage.kernel, 300)
        act(cast, "tdnk")
        view = view_now(cast)
        assert view.state == "in_use"
        assert view.body.open_doors == {"driver"}
        assert not [what for what, _ in view.deadlines if what.startswith("security")]
        act(cast, "kn", 0)
        run_for(cast.stage.kernel, 1)
        view = view_now(cast)
        assert view.deadlines[0][0] == "security lock, unless key taken"


def test_hazard_lamps_flash() -> None:
    seen = set()
    with cast_of(morning()) as cast:
        run_for(cast.stage.kernel, 300)
        cast.stage.tap(CARD)
        for _ in range(30):
            run_for(cast.stage.kernel, 0.1)
            seen.add(view_now(cast).light.hazard)
    assert seen == {True, False}


def test_the_phone_shows_pending_then_the_reason_in_a_sentence() -> None:
    with cast_of(morning()) as cast:
        cast.stage.site_start()
        assert view_now(cast).phone.status == "pending"
        run_for(cast.stage.kernel, 5)
        phone = view_now(cast).phone
        assert (phone.verb, phone.status) == ("start", "refused")
        assert phone.why == "It is too early to start. Possible from 09:46."


def test_trouble_is_named() -> None:
    with cast_of(morning()) as cast:
        cast.stage.network_down()
        cast.stage.clock_untrusted()
        cast.stage.power_cut()
        view = view_now(cast)
        assert (view.network, view.clock) == ("down", "clock lost")
        assert (view.state, view.box) == ("off", "has no power")
        cast.stage.network_slow(8_000_000)
        cast.stage.power_on()
        view = view_now(cast)
        assert (view.network, view.box) == ("slow, 8 s", "starts")
        cast.stage.network_lossy(30)
        assert view_now(cast).network == "loses 30%"


def test_a_car_with_a_connector_and_without_a_reader() -> None:
    text = MORNING.replace("bookings:", "car: {key_box: connector, reader: no}\nbookings:")
    with cast_of(read_text(text, "morning.yaml")) as cast:
        body = view_now(cast).body
        assert body.knob == ""
        assert not body.has_reader


def test_equal_cars_have_equal_views() -> None:
    with cast_of(morning()) as cast:
        assert view_now(cast) == view_now(cast)
        before = view_now(cast)
        cast.stage.brake_off()
        assert view_now(cast) != before


def test_the_heap_is_measured_on_micropython() -> None:
    with cast_of(morning(), vm="micropython") as cast:
        run_for(cast.stage.kernel, 1)
        cast.machine.look()
        assert cast.machine.name.startswith("MicroPython 1.")
        kib = float(cast.machine.text.split(", ")[1].removesuffix(" KiB free"))
        assert kib > 0


def test_a_booking_without_a_name_has_a_number() -> None:
    """Made on the phone site, whose pages call it so."""
    with cast_of(morning()) as cast:
        starts_s = cast.car.true_clock.unix_s() + 86_400
        cast.car.centre.add_booking("7", "XXY00001001", starts_s, starts_s + 3600)
        seen = cast.look("real time", 1.0)
        assert [one["name"] for one in seen["bookings"]] == ["B1", "No. 7"]
        due = [one["what"] for one in seen["deadlines"]]
        assert {"No. 7: a start is possible", "No. 7 begins", "No. 7 ends", "B1 ends"} <= set(due)
