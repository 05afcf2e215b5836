"""Keys do to the car what they say, and through the world where it is the world's."""

import re

import pytest

from simulator.chips.felica import FelicaCard
from simulator.live.cast import OTHER_CARD, STAFF_CARD, Cast, cards
from simulator.live.draw_panels import KEYS
from simulator.live.draw_screen import WIDTH_MIN
from simulator.live.hands import KEYS as DOES
from simulator.live.hands import request_of
from simulator.live.narration import UNKNOWN_CARD
from simulator.scenario.reader import read_text
from tests.simulator.live.troupe import MORNING, act, cast_of, morning, rental_day, run_for

START = "  - {see: {doors: locked}}\n"


def test_the_foot_lists_each_key_and_no_other() -> None:
    listed = re.findall(r"(?:^|  |: )([a-z+-]|space)(?= )", "\n".join(KEYS), re.MULTILINE)
    keys = {" " if one == "space" else one for one in listed} - {"q"}
    assert keys | {"-"} == set(DOES) - {"=", "_"}  # + and - with the other hand
    assert "+ - speed" in KEYS[-1]
    assert max(map(len, KEYS)) <= WIDTH_MIN


def test_the_own_card_is_the_one_of_the_first_touch() -> None:
    tray = {one["whose"]: one["idm"] for one in cards(rental_day())}
    assert tray == {
        "own": "0101060112AB34CD",
        "other": OTHER_CARD.hex().upper(),
        "unknown": UNKNOWN_CARD.hex().upper(),
        "staff": STAFF_CARD.hex().upper(),
    }


def test_a_card_that_was_registered_changes_places_in_the_tray() -> None:
    """ENROL-2: one card a driver; the old one is nobody's."""

    def tray(own_now: str) -> dict[str, str]:
        return {one["whose"]: one["idm"] for one in cards(rental_day(), own_now)}

    before = tray("")
    own, unknown = before["own"], before["unknown"]
    assert tray(own) == before
    assert tray(unknown) == {**before, "own": unknown, "unknown": own}
    assert tray("01010601CAFE0001") == {**before, "own": "01010601CAFE0001", "unknown": own}


def test_a_touch_is_a_card_at_the_reader() -> None:
    with cast_of(morning()) as cast:
        run_for(cast.stage.kernel, 60)
        assert act(cast, "t", 0) == ["card 34CD on the reader"]
        (card,) = cast.car.reader.chip.field.cards()
        assert isinstance(card, FelicaCard)
        assert card.idm == bytes.fromhex("0101060112AB34CD")
        assert cast.car.state == "vacant"
        run_for(cast.stage.kernel, 3)
        assert cast.car.state == "unlocked"
        assert not cast.car.reader.chip.field.cards()


def test_touch_1_a_card_that_rests_no_more_is_answered() -> None:
    """Who offers cards that do not rest offers no touch that goes unheard; nor is any kept for long."""
    with cast_of(morning()) as cast:
        kernel = cast.stage.kernel

        def rests() -> bool:
            tray = {one["whose"]: one["rests"] for one in cast.look("you drive", 1.0)["cards"]}
            assert not tray["own"]
            return bool(tray["unknown"])

        run_for(kernel, 60)
        for touches in range(1, 4):
            assert not rests()
            act(cast, "u", 0.01)
            began_us = kernel.now_us
            while rests():
                run_for(kernel, 0.01)
            assert 3 <= (kernel.now_us - began_us) / 1_000_000 <= 5
            assert len(cast.car.refusals) == touches


def test_another_drivers_card_is_known_and_refused() -> None:
    with cast_of(morning()) as cast:
        run_for(cast.stage.kernel, 60)
        cast.car.centre.add_card(OTHER_CARD, "XXY00009001")
        run_for(cast.stage.kernel, 5)
        act(cast, "o")
        assert [reason.code for reason in cast.car.refusals[-1]] == ["not_this_driver"]
        act(cast, "u")
        assert [reason.code for reason in cast.car.refusals[-1]] == ["unknown_card"]


def paced(mode: str, speed: float = 1.0, is_over: bool = False) -> dict[str, object]:
    return {"pace": {"mode": mode, "speed": speed}, "story": {"is_over": is_over}}


def test_space_stops_goes_and_gives_the_car_back_to_the_story() -> None:
    assert request_of(" ", paced("real time")) == {"pause": True}
    assert request_of(" ", paced("time stands still")) == {"pause": False}
    assert request_of(" ", paced("you drive")) == {"story": "resume"}
    assert request_of(" ", paced("you drive", is_over=True)) == {"pause": True}


def test_plus_and_minus_stay_within_what_may_be_asked() -> None:
    assert request_of("+", paced("real time", 4)) == {"rate": 8}
    assert request_of("_", paced("real time", 4)) == {"rate": 2}
    assert request_of("=", paced("real time", 900)) == {"rate": 1000}
    assert request_of("-", paced("real time", 0.2)) == {"rate": 0.125}


def test_j_asks_for_the_next_deadline_and_a_key_without_use_for_nothing() -> None:
    assert request_of("J", paced("real time")) == {"jump": "deadline"}
    assert request_of("y", paced("real time")) is None


def test_the_storys_other_driver_is_taken_where_there_is_one() -> None:
    text = MORNING.replace("XXY00001001}\nbook", 'XXY00001001, "01010601998877AA": XXY2}\nbook')
    with cast_of(read_text(text, "x")) as cast:
        assert act(cast, "o", 0) == ["card 77AA on the reader"]


def test_a_story_without_cards_has_an_unknown_one() -> None:
    text = re.sub(r"cards:.*\n", "", MORNING)
    assert cards(read_text(text, "x"))[0] == {"whose": "own", "idm": UNKNOWN_CARD.hex().upper()}


def seen(cast: Cast) -> str:
    body = cast.car.body
    switches = {
        "key out": not body.key_is_in,
        "rent": not body.knob_is_at_return,
        "engine on": body.engine_is_on,
        "brake off": not body.brake_is_on,
    }
    return " ".join(
        [*sorted(body.open_doors), *(name for name, is_on in switches.items() if is_on), body.gear]
    )


def test_doors_key_knob_engine_brake_and_gear_go_to_and_fro() -> None:
    with cast_of(morning()) as cast:
        run_for(cast.stage.kernel, 60)
        assert act(cast, "d")[0] == "door driver does not open: locked"
        act(cast, "tdpkn")
        assert seen(cast) == "driver trunk key out rent P"
        act(cast, "ebg")
        assert seen(cast) == "driver trunk key out rent engine on brake off D"
        act(cast, "ebgdpkn")
        assert seen(cast) == "P"


def test_power_reset_and_network() -> None:
    with cast_of(morning()) as cast:
        assert act(cast, "c") == ["power cut"]
        assert not cast.car.box.is_powered
        assert act(cast, "c") == ["power on"]
        assert cast.car.state == "vacant"
        assert act(cast, "r") == ["reset"]
        assert act(cast, "ww") == ["network down", "network up"]


@pytest.mark.parametrize(
    ("key", "verb"),
    [
        ("s", "start"), ("f", "end"), ("x", "extend"), ("m", "reopen"), ("l", "lock"),
        ("a", "reunlock"), ("i", "enrol"),
    ],
)  # fmt: skip
def test_the_phone(key: str, verb: str) -> None:
    with cast_of(morning()) as cast:
        act(cast, key)
        site = cast.car.centre.site
        assert site is not None
        assert (site.verb, site.status) == (verb, "refused")


def test_a_whole_rental_by_hand() -> None:
    with cast_of(morning()) as cast:
        run_for(cast.stage.kernel, 60)
        act(cast, "sdnkd")
        assert cast.car.state == "in_use"
        act(cast, "xknt")
        assert cast.car.state == "ended"
        act(cast, "mdd")
        assert cast.car.state == "reopened"
        act(cast, "l")
        assert cast.car.state == "vacant"
        assert cast.car.doors == "locked"


def test_a_staff_card_opens_and_locks_a_car_that_nobody_has() -> None:
    """STAFF-CAR-1."""
    story = morning(f"  - {{do: staff-tap {STAFF_CARD.hex()}}}\n")
    with cast_of(story) as cast:
        cast.car.centre.add_staff(STAFF_CARD, "staff")
        run_for(cast.stage.kernel, 5)
        assert act(cast, "v", 5) == ["card 5AFF on the reader"]
        assert cast.car.doors == "unlocked"
        act(cast, "v", 5)
        assert cast.car.doors == "locked"
        assert cast.car.state == "vacant"


def test_unlocked_again_and_another_card_registered() -> None:
    """USE-5, ENROL-1: as a profile offers it; what the phone does is told in words."""
    text = MORNING.replace("top24-2023", "jparc-2023").replace("09:45:30", "09:51:00")
    with cast_of(read_text(text.partition("steps:\n")[0] + f"steps:\n{START}", "x")) as cast:
        run_for(cast.stage.kernel, 60)
        act(cast, "s")
        run_for(cast.stage.kernel, 90)
        assert cast.car.state == "relocked"
        assert act(cast, "a")[0] == "phone: unlock again"
        assert (cast.car.state, cast.car.doors) == ("unlocked", "unlocked")
        act(cast, "i")
        assert cast.car.lamp == "green-yellow-blink"
        act(cast, "u")
        assert cast.car.events[-1].name == "card_enrolled"
