"""A car that its daemon does not know, and ports that are taken: said in a sentence."""

import json
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from simulator.desk import seeding
from simulator.desk.processes import CannotRun
from simulator.live.told import REFUSED
from tests.whole.desk import HOST, Desk
from tests.whole.test_kill_rental import STORY


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    found = Desk(tmp_path / "desk", STORY, speed=10)
    yield found
    found.close()


def alter(desk: Desk, name: str, value: str) -> None:
    file = desk.folder / seeding.IDENTITY
    file.write_text(json.dumps({**json.loads(file.read_text()), name: value}))


def test_a_wrong_password_is_told_to_who_looks(desk: Desk) -> None:
    """Once, however often the car tries; the password itself is nowhere, and nothing is learnt."""
    alter(desk, "password", "wrong horse")
    desk.start()
    desk.until(lambda: any(one.kind == REFUSED for one in desk.told), "sentence")
    tried_s = desk.now_s
    desk.until_time(tried_s + 1800)
    said = [one.text for one in desk.told if one.kind == REFUSED]
    assert said == [
        "The daemon does not let the car in: the car's name or password is wrong; see --identity."
    ]
    assert not desk.seen["is_in_step"]
    assert desk.rows("SELECT heard_s FROM car") == [(0,)]
    logs = desk.car.log.read_text() + desk.daemon.log.read_text()
    assert "horse" not in logs + repr(desk.told)


@pytest.mark.parametrize(
    ("name", "value"), [("key", "zz"), ("key", "00" * 31), ("car", "nobody"), ("car", "")]
)
def test_an_identity_that_makes_no_sense(desk: Desk, name: str, value: str) -> None:
    alter(desk, name, value)
    desk.car.start()
    with pytest.raises(CannotRun, match="holds no identity; python -m fleetd car add makes one"):
        desk.car.wait_until_ready()
    desk.car.end()
    assert desk.car.death() == "ended with code 2"
    assert desk.car.log.read_text().count("\n") == 1
    assert not (desk.folder / "journal.flash").exists()


def test_a_feed_port_that_is_taken(desk: Desk) -> None:
    with socket.create_server((HOST, desk.feed_port)):
        desk.car.start()
        with pytest.raises(CannotRun, match=f"--feed-port {desk.feed_port}: Address already in"):
            desk.car.wait_until_ready()
    desk.car.end()
    assert desk.car.death() == "ended with code 1"
    assert desk.car.log.read_text().count("\n") == 1
    assert not (desk.folder / "world.json").exists()
    # Nothing is left in the way of the next start.
    desk.start()
    assert desk.seen["box"] == "runs"
