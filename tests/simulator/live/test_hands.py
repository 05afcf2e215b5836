"""Keys do to the car what they say, and through the world where it is the world's."""

import re

import pytest

from simulator.live.draw_panels import KEYS
from simulator.live.hands import Hands
from simulator.live.narration import UNKNOWN_CARD
from simulator.live.program import Cast
from simulator.scenario.reader import read_text
from tests.simulator.live.troupe import MORNING, cast_of, morning, rental_day, run_for

START = "  - {see: {doors: locked}}\n"


def act(cast: Cast, hands: Hands, keys: str) -> list[str]:
    noted = []
    for key in keys:
        noted += hands.act(key)
        run_for(cast.stage.kernel, 3)
    return noted


def test_the_foot_lists_each_key_and_no_other() -> None:
    with cast_of(morning()) as cast:
        listed = re.findall(r"(?:^|  |: )([a-z+-]|space)(?= )", "\n".join(KEYS), re.MULTILINE)
        assert sorted(set(listed) - {"j", "space", "+", "-", "q"}) == sorted(
            Hands(cast.stage, cast.story).keys
        )


def test_the_demo_driver_is_the_one_of_the_first_touch() -> None:
    story = rental_day()
    with cast_of(story) as cast:
        hands = Hands(cast.stage, story)
        assert hands.driver == "XXY00001001"
        assert hands.own_card == bytes.fromhex("0101060112AB34CD")


def test_a_touch_is_a_card_at_the_reader() -> None:
    with cast_of(morning()) as cast:
        hands = Hands(cast.stage, cast.story)
        run_for(cast.stage.kernel, 60)
        assert hands.act("t") == ["card 34CD on the reader"]
        assert [card.idm for card in cast.car.reader.chip.field.cards()] == [hands.own_card]
        assert cast.car.state == "vacant"
        run_for(cast.stage.kernel, 3)
        assert cast.car.state == "unlocked"
        assert not cast.car.reader.chip.field.cards()


def test_another_drivers_card_is_known_and_refused() -> None:
    with cast_of(morning()) as cast:
        hands = Hands(cast.stage, cast.story)
        run_for(cast.stage.kernel, 60)
        act(cast, hands, "o")
        assert [reason.code for reason in cast.car.refusals[-1]] == ["not_this_driver"]
        act(cast, hands, "u")
        assert [reason.code for reason in cast.car.refusals[-1]] == ["unknown_card"]


def test_the_storys_other_driver_is_taken_where_there_is_one() -> None:
    text = MORNING.replace("XXY00001001}\nbook", 'XXY00001001, "01010601998877AA": XXY2}\nbook')
    with cast_of(read_text(text, "x")) as cast:
        assert Hands(cast.stage, cast.story).act("o") == ["card 77AA on the reader"]


def test_a_story_without_cards_has_an_unknown_one() -> None:
    text = re.sub(r"cards:.*\n", "", MORNING)
    with cast_of(read_text(text, "x")) as cast:
        assert Hands(cast.stage, cast.story).own_card == UNKNOWN_CARD


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
        hands = Hands(cast.stage, cast.story)
        run_for(cast.stage.kernel, 60)
        assert act(cast, hands, "d")[0] == "door driver does not open: locked"
        act(cast, hands, "tdpkn")
        assert seen(cast) == "driver trunk key out rent P"
        act(cast, hands, "ebg")
        assert seen(cast) == "driver trunk key out rent engine on brake off D"
        act(cast, hands, "ebgdpkn")
        assert seen(cast) == "P"


def test_power_reset_and_network() -> None:
    with cast_of(morning()) as cast:
        hands = Hands(cast.stage, cast.story)
        assert act(cast, hands, "c") == ["power cut"]
        assert not cast.car.box.is_powered
        assert act(cast, hands, "c") == ["power on"]
        assert cast.car.state == "vacant"
        assert act(cast, hands, "r") == ["reset"]
        assert act(cast, hands, "ww") == ["network down", "network up"]


@pytest.mark.parametrize(
    ("key", "verb"), [("s", "start"), ("f", "end"), ("x", "extend"), ("m", "reopen"), ("l", "lock")]
)
def test_the_phone(key: str, verb: str) -> None:
    with cast_of(morning()) as cast:
        act(cast, Hands(cast.stage, cast.story), key)
        site = cast.car.centre.site
        assert site is not None
        assert (site.verb, site.status) == (verb, "refused")


def test_a_whole_rental_by_hand() -> None:
    with cast_of(morning()) as cast:
        hands = Hands(cast.stage, cast.story)
        run_for(cast.stage.kernel, 60)
        act(cast, hands, "sdnkd")
        assert cast.car.state == "in_use"
        act(cast, hands, "xknt")
        assert cast.car.state == "ended"
        act(cast, hands, "mdd")
        assert cast.car.state == "reopened"
        act(cast, hands, "l")
        assert cast.car.state == "vacant"
        assert cast.car.doors == "locked"
