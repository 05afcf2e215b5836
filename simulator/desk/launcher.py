"""make run: a daemon, a car, a page and a view, started so that they find each other."""

from __future__ import annotations

import argparse
import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import FrameType

from simulator.desk import ports, seeding
from simulator.desk.accounts import Accounts, read_accounts
from simulator.desk.feed import HOST
from simulator.desk.feed_client import FeedClient
from simulator.desk.processes import CannotRun, Process, end_all, how_it_ended, tethered
from simulator.desk.state_files import StateError, lock, make_folder
from simulator.desk.world_file import WorldFile
from simulator.live.terminal import LeaveError
from simulator.live.watch import can_draw
from simulator.scenario.problem import StoryError
from simulator.scenario.reader import read_file
from simulator.scenario.story import Story

DONE, FAILED = 0, 1
_LOOK_EVERY_S = 0.1
_ENDING = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT)
#: All that a desk keeps in its folder, but for its lock.
_KEPT = (
    "accounts.json", "car.log", "cache.flash", "clock.json", "daemon.log", "fleet.db",
    "fleet.db-shm", "fleet.db-wal", "identity.json", "journal.flash", "page.log", "world.json",
)  # fmt: skip


def run(arguments: argparse.Namespace, story: Story) -> int:
    """The exit code."""
    for number in _ENDING:
        signal.signal(number, _leave)
    desk = Launcher(arguments, story)
    try:
        desk.start()
        return desk.watch()
    except LeaveError as leave:
        return leave.code
    except (CannotRun, StateError) as error:
        desk.say(str(error))
        return FAILED
    finally:
        for number in _ENDING:
            signal.signal(number, signal.SIG_IGN)  # ending is under way
        desk.end()


class Launcher:
    """One desk."""

    def __init__(self, arguments: argparse.Namespace, story: Story) -> None:
        self._arguments = arguments
        self._story = story
        self._folder: Path = arguments.state
        self._is_drawn = can_draw()
        self._view: subprocess.Popen[bytes] | None = None
        self._daemon: Process | None = None
        self._car: Process | None = None
        self._page: Process | None = None
        self._ports = (0, 0, 0)
        self._feed: FeedClient | None = None

    def start(self) -> None:
        """CannotRun or StateError when something stands in the way; then `end` it."""
        make_folder(self._folder)
        lock(self._folder / "desk.lock")
        http_port = _claim(self._arguments.port, "choose another, as make run PORT=8090")
        page_port = _claim(self._arguments.desk_port, "choose another, as make run DESK_PORT=8070")
        mqtt_port, feed_port = _claim(0), _claim(0)
        self._ports = (http_port, mqtt_port, feed_port)
        accounts = self._accounts()
        self._daemon = Process("The daemon", self._daemon_words(), self._folder / "daemon.log")
        self._car = Process("The car", self._car_words(), self._folder / "car.log")
        self._page = Process("The page", self._page_words(page_port), self._folder / "page.log")
        # The car first: it has the clock, which the daemon asks for when it starts.
        self._car.start()
        self._car.wait_until_ready()
        self._daemon.start()
        self._wait_for_daemon(self._daemon, self._car)
        self._page.start()
        self._page.wait_until_ready()
        page = json.loads(self._page.ready_line)["page"]
        told = json.loads(self._daemon.ready_line)
        feed = f"{HOST}:{feed_port}"
        for line in self._introduction(page, told["http"], told["mqtt"], feed, accounts):
            print(line)
        sys.stdout.flush()
        self._feed = FeedClient(HOST, feed_port)
        words = [
            "-m",
            "simulator",
            "view",
            "--feed",
            feed,
            "--desk",
            page,
            "--phones",
            told["http"],
        ]
        # In our session: it has the terminal.
        self._view = subprocess.Popen(tethered(words + ([] if self._is_drawn else ["--plain"])))

    def watch(self) -> int:
        """Until the view is left; a daemon, car or page that dies is started again."""
        assert self._view is not None
        while True:
            code = self._view.poll()
            if code is not None:
                if code:
                    self.say(f"The view {how_it_ended(code)}; all is ended.")
                return FAILED if code else DONE
            for process in self._processes():
                death = process.death()
                if death:
                    process.start_again()
                    self.say(f"{process.name} {death}; it is started again.")
            if self._feed is not None:
                self._feed.poll()
            self._hear_page()
            time.sleep(_LOOK_EVERY_S)

    def _hear_page(self) -> None:
        """What is wished for there, checked by the page's own process; its ready line is none."""
        assert self._page is not None
        for line in self._page.said():
            wish = json.loads(line).get("begin")
            if wish is not None:
                self._begin_anew(**wish)

    def _begin_anew(
        self, scenario: str | None, profile: str | None, vm: str, *, hold: bool
    ) -> None:
        """With another story: all of it, the daemon's database too; else the box alone."""
        assert self._car is not None
        assert self._daemon is not None
        self._arguments.vm = vm
        if scenario is None:
            self._car.replace(self._car_words())
            return
        before = (self._arguments.scenario, self._arguments.profile, self._story)
        for process in (self._daemon, self._car):
            process.ask_to_end()
            process.end()
        try:
            self._set_scene(scenario, profile, read_file(scenario, profile))
        except (StateError, StoryError) as error:
            print(error, file=sys.stderr)
            self._set_scene(*before)
        self._car.replace([*self._car_words(), *(["--hold"] if hold else [])])
        self._car.arguments = self._car_words()  # should it die, it does not wait again
        self._daemon.replace(self._daemon_words())

    def _set_scene(self, scenario: str, profile: str | None, story: Story) -> None:
        self._arguments.keep = False
        self._arguments.scenario, self._arguments.profile = scenario, profile
        self._story = story
        self._accounts()

    def say(self, sentence: str) -> None:
        """To people: through the view where one is drawn, else as a line."""
        is_seen = self._is_drawn and self._view is not None and self._view.poll() is None
        if not (is_seen and self._feed is not None and self._feed.ask({"say": sentence})):
            print(sentence, file=sys.stderr, flush=True)

    def end(self) -> None:
        """All of them, and nobody else."""
        if self._view is not None and self._view.poll() is None:
            self._view.terminate()
            self._view.wait()
        if self._feed is not None:
            self._feed.close()
        end_all(self._processes())

    def _wait_for_daemon(self, daemon: Process, car: Process) -> None:
        try:
            daemon.wait_until_ready()
        except CannotRun:
            if car.death():  # and with it the clock that the daemon waited for
                raise CannotRun(f"{car.name} does not start: {car.last_words()}") from None
            raise

    def _processes(self) -> list[Process]:
        return [one for one in (self._daemon, self._car, self._page) if one is not None]

    def _accounts(self) -> Accounts:
        """Of a new fleet, or of the one that is there."""
        world = WorldFile(self._folder)
        if self._arguments.keep and (self._folder / seeding.DATABASE).exists():
            world.forget_course()
            return read_accounts(self._folder)
        if self._arguments.keep:
            self.say(f"--keep: nothing is kept in {self._folder} yet; it begins anew")
        for name in _KEPT:
            (self._folder / name).unlink(missing_ok=True)
        return seeding.seed(self._folder, self._story)

    def _daemon_words(self) -> list[str]:
        http_port, mqtt_port, feed_port = self._ports
        return [
            "-m", "fleetd", "serve", "--json", "--db", str(self._folder / seeding.DATABASE),
            "--http-port", str(http_port), "--mqtt-port", str(mqtt_port),
            "--clock", f"{HOST}:{feed_port}",
        ]  # fmt: skip

    def _page_words(self, page_port: int) -> list[str]:
        http_port, _, feed_port = self._ports
        return [
            "-m", "simulator", "desk", "--json", "--feed", f"{HOST}:{feed_port}",
            "--port", str(page_port), "--state", str(self._folder),
            "--phones", f"http://{HOST}:{http_port}",
        ]  # fmt: skip

    def _car_words(self) -> list[str]:
        http_port, mqtt_port, feed_port = self._ports
        arguments = self._arguments
        words = [
            "-m", "simulator", "car", "--state", str(self._folder),
            "--centre", f"mqtt://{HOST}:{mqtt_port}", "--phones", f"http://{HOST}:{http_port}",
            "--db", str(self._folder / seeding.DATABASE),
            "--identity", str(self._folder / seeding.IDENTITY),
            "--feed-port", str(feed_port), "--vm", arguments.vm, "--speed", str(arguments.speed),
            "--scenario", str(arguments.scenario),
        ]  # fmt: skip
        return words + (["--profile", arguments.profile] if arguments.profile else [])

    def _introduction(
        self, page: str, http: str, mqtt: str, feed: str, accounts: Accounts
    ) -> list[str]:
        demo = accounts.driver(accounts.demo)
        assert demo is not None
        card = f", card {demo.card}" if demo.card else ""
        keys = "q or Ctrl-C leaves" if self._is_drawn else "Ctrl-C ends it"
        return [
            f"desk page    {page}  (the car in your browser; this machine only)",
            f"{self._story.title}: {self._story.path}, profile {self._story.profile}",
            f"phones       {http}  (calls: {http}/openapi.json)",
            f"cars         {mqtt}  (car {accounts.car})",
            f"feed         {feed}  (another view: python -m simulator view --feed {feed})",
            f"demo driver  {demo.ident}, password {demo.password}{card}",
            f"kept in      {self._folder}, logs too; {keys}",
        ]


def _claim(port: int, hint: str = "") -> int:
    """A port that is free just now; CannotRun when that one is not."""
    try:
        return ports.claim(port)
    except OSError as error:
        raise CannotRun(f"port {port} cannot be had: {error.strerror}; {hint}") from None


def _leave(number: int, _frame: FrameType | None) -> None:
    raise LeaveError(0 if number == signal.SIGINT else 128 + number)
