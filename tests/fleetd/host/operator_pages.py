"""What the operator sees in three bad weeks, played anew: the blocks of docs/deployment.md.

python -m tests.fleetd.host.operator_pages     writes them into the page
"""

from __future__ import annotations

import contextlib
import io
import re
import tempfile
from pathlib import Path
from unittest import mock

from firmware.wire import codes
from fleetd.host.command_line import main
from fleetd.store import lease
from tests.fleetd.rig import CAR, HOUR_S, NOW_S, Desk, ScriptedCar, exchange, settle, wire
from tools import tree

PAGE = tree.ROOT / "docs" / "deployment.md"
DAY_S = 24 * HOUR_S
_BLOCK = re.compile(r"<!-- (page \w+ \d) -->\n```text\n(.*?)```\n", re.DOTALL)


class Scene:
    """A fleet in a folder, its daemon's time, and what was printed."""

    def __init__(self, folder: Path) -> None:
        self.desk = Desk(folder / "fleet.db")
        self.shown: list[str] = []

    def show(self, *commands: str) -> None:
        """One block: each command as typed, and its answer."""
        lines = []
        for command in commands:
            said = io.StringIO()
            with (
                mock.patch("time.time", self.desk.clock),
                contextlib.redirect_stdout(said),
                contextlib.redirect_stderr(said),
            ):
                main(_words(command))
            lines.append(f"$ fleetd {command}\n{said.getvalue()}")
        self.shown.append("\n".join(lines))

    def served(self, *commands: str) -> None:
        """While the daemon runs."""
        self.desk.fleet.note_counts({})
        with lease.held(self.desk.path):
            self.show(*commands)

    def pass_time(self, seconds: int) -> None:
        """The daemon looks around once an hour of it."""
        ends_s = self.desk.clock.now_s + seconds
        while self.desk.clock.now_s < ends_s:
            self.desk.clock.now_s = min(ends_s, self.desk.clock.now_s + HOUR_S)
            self.desk.fleet.tick()
            self.desk.taken()

    def begin(self) -> ScriptedCar:
        self.desk.fleet.note_line("our own port mqtts://192.0.2.1:8883", "")
        self.desk.fleet.connected(CAR)
        car = wire(self.desk)
        car.hello()
        settle(self.desk, car, 5)
        return car


def _words(command: str) -> list[str]:
    return [word.strip("'") for word in re.findall(r"'[^']*'|\S+", command)]


def week_offline(scene: Scene) -> None:
    """A car in a garage without a network, a booking that is taken back, and its return."""
    desk, car = scene.desk, scene.begin()
    last = desk.fleet.book(desk.driver, CAR, NOW_S + 70 * HOUR_S, NOW_S + 71 * HOUR_S)["id"]
    settle(desk, car, 5)
    desk.fleet.disconnected(CAR)
    desk.fleet.cancel(desk.driver, last)
    scene.pass_time(26 * HOUR_S)
    scene.served("status --db fleet.db")
    desk.fleet.book(desk.other, CAR, NOW_S + 75 * HOUR_S, NOW_S + 76 * HOUR_S)
    scene.pass_time(48 * HOUR_S + 30 * 60)
    scene.served("alarm list --db fleet.db", "status --db fleet.db")
    for _ in range(300):
        car.happen(codes.AUDIT_DOOR_OPENED)
    scene.pass_time(4 * DAY_S)
    desk.fleet.connected(CAR)
    car.hello()
    settle(desk, car, 2)
    while car.acked < len(car.events):
        car.tell()
        exchange(desk, car)
    settle(desk, car, 20)
    scene.served("status --db fleet.db", "alarm list --db fleet.db --all")


def restored(scene: Scene) -> None:
    """The disk is gone but for the database's newest state, and the copy is a day old."""
    desk, car = scene.desk, scene.begin()
    scene.served("backup --db fleet.db --out backup.db")
    scene.shown.clear()  # its size is another with each version
    desk.clock.now_s += DAY_S
    start_s = NOW_S + DAY_S
    number = desk.fleet.book(desk.driver, CAR, start_s, start_s + HOUR_S)["id"]
    settle(desk, car, 3)
    car.happen(codes.AUDIT_UNLOCKED, number, car.use_detail())
    car.happen(codes.AUDIT_DOOR_OPENED, number)
    car.tell()
    exchange(desk, car)
    scene.pass_time(HOUR_S)
    desk.db.close()
    scene.show("restore --from backup.db --db fleet.db --replace")
    desk.restart()
    desk.fleet.note_line("our own port mqtts://192.0.2.1:8883", "")
    scene.served("status --db fleet.db")
    desk.fleet.connected(CAR)
    car.happen(codes.AUDIT_KEY_OUT, number)
    car.hello()
    settle(desk, car, 5)
    for _ in range(15):
        car.tell()
        settle(desk, car, 10)
    car.hello()
    settle(desk, car, 10)
    scene.served("status --db fleet.db")


def cloned(scene: Scene) -> None:
    """The identity of one car in two boxes: somebody copied a flash, or built one in twice."""
    desk, car = scene.desk, scene.begin()
    twin = wire(desk, seed=2)
    for _ in range(4):
        for box in (twin, car):
            desk.clock.now_s += 90
            box.hello()
            exchange(desk, box)
    desk.fleet.tick()
    scene.served("alarm list --db fleet.db")
    number = desk.fleet.status()["alarms"][0]["id"]
    scene.pass_time(HOUR_S)
    car.hello()
    settle(desk, car, 20)
    scene.served(
        f"alarm clear {number} --db fleet.db --by 'Sato, workshop'"
        " --why 'second box taken out, key swapped'",
        "status --db fleet.db",
    )


STORIES = {"offline": week_offline, "restored": restored, "cloned": cloned}


def play() -> dict[str, str]:
    """Each block by its name."""
    found = {}
    for name, story in STORIES.items():
        with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
            scene = Scene(Path(folder))
            story(scene)
            scene.desk.db.close()
        found.update({f"page {name} {at}": text for at, text in enumerate(scene.shown, 1)})
    return found


def blocks() -> dict[str, str]:
    """As they stand in the page."""
    return dict(_BLOCK.findall(PAGE.read_text(encoding="utf-8")))


def write() -> None:
    played = play()
    text = PAGE.read_text(encoding="utf-8")

    def renew(found: re.Match[str]) -> str:
        return f"<!-- {found[1]} -->\n```text\n{played[found[1]]}```\n"

    PAGE.write_text(_BLOCK.sub(renew, text), encoding="utf-8")


if __name__ == "__main__":
    write()
