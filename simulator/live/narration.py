"""Words for a story: its author's comments, and sentences for actions that have none."""

from __future__ import annotations

from pathlib import Path

from simulator.scenario.actions import Action
from simulator.scenario.story import Story

#: A card that nobody registered.
UNKNOWN_CARD = bytes.fromhex("01010601EEEEEEEE")

#: Method of the stage -> a sentence; `{0}` is what stands in the first place of its pattern.
_SENTENCES = {
    "tap": "card {0} touches the reader",
    "staff_tap": "staff card {0} touches the reader",
    "tap_licence": "a driving licence touches the reader",
    "open_door": "door opened: {0}",
    "close_door": "door closed: {0}",
    "close_all": "all doors closed",
    "key_in": "key put into its box",
    "key_out": "key taken out of its box",
    "knob_rent": "knob turned to rent",
    "knob_return": "knob turned to return",
    "engine_on": "engine started",
    "engine_off": "engine switched off",
    "brake_on": "parking brake put on",
    "brake_off": "parking brake released",
    "driver_lock": "locked with the driver's own key",
    "driver_unlock": "unlocked with the driver's own key",
    "site_start": "phone: start",
    "site_end": "phone: end",
    "site_extend": "phone: extend by {0}",
    "site_reopen": "phone: open once more",
    "site_lock": "phone: lock",
    "site_reunlock": "phone: unlock again",
    "site_enrol": "phone: register a card",
    "drive": "drives {0} in {1}",
    "gear": "gear {0}",
    "lights_on": "lights switched on",
    "lights_off": "lights switched off",
    "window_open": "window opened",
    "window_closed": "window closed",
    "book": "booked: {0} for {1}, {2} to {3}",
    "change": "booking {0} changed: {1} to {2}",
    "cancel": "booking {0} cancelled",
    "network_up": "the network is good",
    "network_down": "the network is gone",
    "network_slow": "the network is slow: {0}",
    "network_lossy": "the network loses {0}",
    "power_cut": "the power is cut",
    "power_on": "the power is back",
    "reset": "the watchdog resets the box",
    "hang": "the program hangs",
    "clock_untrusted": "the box loses the time",
    "reader_dead": "the reader dies",
    "reader_alive": "the reader lives again",
}


def read_comments(path: str) -> dict[int, str]:
    """Line -> the comment that stands right above it; {} when the file cannot be read."""
    try:
        lines = Path(path).read_text(encoding="utf-8").splitlines()
    except OSError:
        return {}
    comments: dict[int, str] = {}
    said: list[str] = []
    for number, line in enumerate(lines, 1):
        text = line.strip()
        if text.startswith("#"):
            said.append(text.lstrip("# "))
        else:
            if said and text:
                comments[number] = " ".join(said)
            said = []
    return comments


def about(action: Action) -> str:
    """What somebody does, as a sentence; the story's own words where there is none."""
    sentence = _SENTENCES.get(action.method, action.text)
    pairs = zip(action.pattern.split(), action.text.split(), strict=False)
    said = [f"…{word[-4:]}" if place == "IDM" else word for place, word in pairs if place.isupper()]
    return sentence.format(*said)


def introduction(story: Story) -> list[str]:
    """What is told, and whose card the key t holds to the reader."""
    idm, driver = demo_driver(story)
    return [
        f"{story.title}: {story.path}, profile {story.profile}",
        f"demo driver {driver}, card {idm.hex().upper()}",
    ]


def demo_driver(story: Story) -> tuple[bytes, str]:
    """(card, driver) of the story's first touch, else of its first booking, else nobody's."""
    for step in story.steps:
        for action in step.do:
            idm = action.arguments[0] if action.method == "tap" else None
            if isinstance(idm, bytes) and idm in story.cards:
                return idm, story.cards[idm]
    drivers = [one.driver for one in story.bookings] or list(story.cards.values())
    for idm, driver in story.cards.items():
        if driver == drivers[0]:
            return idm, driver
    return UNKNOWN_CARD, drivers[0] if drivers else "nobody"
