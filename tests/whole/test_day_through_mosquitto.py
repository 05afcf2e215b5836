"""The rental day with real processes: by the daemon's own port, and by a real Mosquitto.

The broker runs with the configuration that we give to others, without TLS: the simulated car's
modem has none, its bytes never leave this machine. What TLS adds is shown with the car's own client
in tests/hal/test_link_on_sockets.py, and with the daemon's in tests/fleetd/test_broker_live.py.
"""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from firmware.wire.journal_format import HEAD_BYTES
from simulator.desk import seeding
from simulator.live.arguments import RENTAL_DAY
from simulator.live.told import MISSED
from simulator.scenario.reader import read_file
from simulator.scenario.runner import profile_terms
from simulator.scenario.stage import Stage
from tests.fleetd.mqtt.mosquitto import DAEMON, Mosquitto
from tests.scenario_cuts import tell
from tests.whole.desk import Desk

SPEED = 50.0
#: Steps of the story that expect something.
EXPECTING = 26
_TLS = ("certfile", "keyfile", "tls_version")


class PlainMosquitto(Mosquitto):
    """The sample configuration without the lines that are about TLS."""

    def __init__(self, folder: Path, passwords: dict[str, str]) -> None:
        super().__init__(folder, passwords)
        file = folder / "mosquitto.conf"
        lines = file.read_text().splitlines()
        kept = [line for line in lines if not line.startswith(_TLS)]
        assert len(lines) - len(kept) == len(_TLS)
        file.write_text("\n".join(kept) + "\n")


@pytest.fixture
def desk(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Desk]:
    """`request.param`: what runs the firmware."""
    found = Desk(tmp_path / "desk", RENTAL_DAY, request.param, SPEED)
    yield found
    found.close()


def play(desk: Desk) -> None:
    """From morning till evening."""
    desk.start()
    desk.until(lambda: desk.seen["story"]["is_over"], "end of the story")
    assert [one for one in desk.told if one.kind == MISSED] == []
    assert desk.seen["story"]["standing"] == f"over, {EXPECTING} held, 0 missed"
    desk.until_told()


def events_of(desk: Desk) -> list[tuple[int, bytes]]:
    """(code, detail) of all that the daemon knows, in the car's order."""
    rows = desk.rows("SELECT code, body FROM event ORDER BY journal, seq")
    return [(code, body[HEAD_BYTES:]) for code, body in rows]


@cache
def events_of_the_day() -> list[tuple[int, bytes]]:
    """Of the same story in one process, in simulated time, without any network but its own."""
    story = read_file(str(RENTAL_DAY))
    stage = Stage(story, profile_terms(story), "cpython")
    try:
        assert tell(story, stage).passed
        return [(event.code, event.detail) for event in stage.car.events]
    finally:
        stage.close()


@pytest.mark.long
@pytest.mark.parametrize("desk", ["cpython"], indirect=True)
def test_the_day_by_the_daemons_own_port(desk: Desk) -> None:
    """START-3, END-4, REOPEN-1: every expectation of the story holds."""
    play(desk)
    assert events_of(desk) == events_of_the_day()


@pytest.mark.long
@pytest.mark.parametrize("desk", ["micropython"], indirect=True)
def test_the_day_through_mosquitto(desk: Desk, tmp_path: Path) -> None:
    """START-3, END-4, REOPEN-1: the same, and the same audit events in the same order."""
    folder = tmp_path / "broker"
    folder.mkdir()
    identity = json.loads((desk.folder / seeding.IDENTITY).read_text())
    broker = PlainMosquitto(folder, {DAEMON: "correct", identity["car"]: identity["password"]})
    broker.start()
    try:
        desk.come_by_broker(broker.port, DAEMON, "correct")
        play(desk)
        assert json.loads(desk.daemon.ready_line)["mode"] == "broker"
        assert events_of(desk) == events_of_the_day()
    finally:
        desk.close()
        broker.stop()
