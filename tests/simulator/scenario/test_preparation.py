"""What happens before a story: cards and bookings that the daemon would not have are errors."""

import pytest

from simulator.scenario.problem import StoryError
from simulator.scenario.reader import read_text
from simulator.scenario.runner import play

STORY = """
title: A card of two
profile: top24-2023
now: "2026-04-01T09:50:00+09:00"
cards: {"0101060112AB34CD": XXY00001001, "0101060112AB34CE": XXY00001002}
steps:
  - {do: staff-tap 0101060112AB34CE}
"""


def test_a_card_that_is_a_drivers_and_the_staffs_is_no_story() -> None:
    with pytest.raises(StoryError) as caught:
        play(read_text(STORY, "two.yaml"), "cpython")
    assert "staff card 0101060112AB34CE: card_of_somebody_else" in str(caught.value)
    assert "two.yaml" in str(caught.value)
