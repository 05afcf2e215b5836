"""The car's process: its world, its box, its phones, and the feed that shows them."""

from __future__ import annotations

import select
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from secrets import randbits
from typing import Any

from firmware.wire import packets
from simulator.car import CACHE_SECTORS, JOURNAL_SECTORS, Car, CarPlan
from simulator.centre import CarIdentity
from simulator.desk import world_file
from simulator.desk.accounts import Accounts
from simulator.desk.clock import Course, DeskClock
from simulator.desk.feed import FeedServer
from simulator.desk.flash_file import FileFlash
from simulator.desk.http_line import HttpLine
from simulator.desk.phone import Phone
from simulator.desk.records import Records
from simulator.desk.stage import RECORDS_S, DeskStage
from simulator.desk.told import ToldLines
from simulator.desk.tunnel import Tunnel
from simulator.desk.world_file import WorldFile
from simulator.kernel import Kernel
from simulator.live.cast import Cast, make_show
from simulator.live.requests import Say, read_request
from simulator.live.script import script_of
from simulator.live.show import DRIVING
from simulator.live.told import NOTED, REFUSED, SAID, Told
from simulator.scenario.preparation import unix_s
from simulator.scenario.story import Story

#: Snapshots of the car are so far apart, in outside time.
SHOW_EVERY_S = 0.05
#: The world's time is kept so often, where nothing changes.
KEEP_EVERY_S = 1.0
_US = 1_000_000
#: How fast time may pass while somebody outside is waited for.
_HELD_RATE = 1.0
#: Above this rate a moment in which the daemon believes the old course is seconds: what the car says
#: waits until the daemon has confirmed the new one, or does not answer.
_FAST_RATE = 10.0
_HEARD_WITHIN_S = 1.0
#: Why the daemon, or a broker before it, turns the car away.
_LOGIN_REFUSALS = {
    packets.SERVER_UNAVAILABLE: "it is busy",
    packets.BAD_USER_OR_PASSWORD: "the car's name or password is wrong; see --identity",
    packets.NOT_AUTHORISED: "the car's name or password is wrong; see --identity",
}


@dataclass(frozen=True)
class Desk:
    """What there is around the car: its folder, where the daemon is, who it is."""

    folder: Path
    daemon: str
    mqtt_port: int
    http_port: int
    database: Path
    identity: CarIdentity
    accounts: Accounts


class CarProcess:
    """Made once; `run` plays the story and stays. `LeaveError` or KeyboardInterrupt ends it."""

    def __init__(
        self,
        desk: Desk,
        story: Story,
        terms: dict[str, Any],
        vm: str,
        speed: float,
        feed_port: int,
        *,
        holds: bool = False,
    ) -> None:
        """`holds`: the story waits before its first step until somebody wants it."""
        self._zone = story.now.tzinfo
        self._holds = holds
        self._now = story.now
        self._world = WorldFile(desk.folder)
        self._told = ToldLines()
        self._login = packets.ACCEPTED
        self._shown: dict[str, Any] = {}
        self._show_at_s = self._keep_at_s = self._told_rate = 0.0
        self.feed = FeedServer(feed_port, self._greet, self._take)
        kept = self._world.read()
        simulated_s = self._begin_s(story, kept)
        self._tunnel = Tunnel(desk.daemon, desk.mqtt_port, time.monotonic)
        self._tunnel.hold(_HEARD_WITHIN_S)
        self._http = HttpLine(desk.daemon, desk.http_port)
        self._records = Records(desk.database, desk.identity.car)
        self._make_car(desk, CarPlan(int(simulated_s), terms, story.settings, vm), simulated_s)
        self._clock = DeskClock(time.monotonic, simulated_s, speed)
        self._was_kept = kept is not None
        if kept is not None:
            world_file.restore(self._car, kept[0])
        self._stage = DeskStage(story, self._car)
        self._cast = Cast(story, self._stage, terms, vm)
        demo = desk.accounts.driver(desk.accounts.demo)
        self._cast.own_card = lambda: self._records.cards.get(demo.ident, "") if demo else ""
        self._show = make_show(self._cast, speed, self)
        self._join()

    def run(self) -> None:
        """Until somebody ends it."""
        telling = self._cast.telling
        self._show.pacer.restart()
        if self._was_kept:
            telling.is_over = True
            telling.say(SAID, "The car is back; the story ended when its process did. You drive.")
        else:
            self._stage.prepare()
            self._show.is_still = self._holds
            self._cast.play()
            telling.say(SAID, f"The story is {telling.standing}. The car is yours.")
        self._show.stay()

    def close(self) -> None:
        """As long as it may take; nothing is lost without it."""
        self._world.keep(self._car, self._simulated_s, time_too=True)
        self._stage.close()
        self._tunnel.close()
        self._http.close()
        self._records.close()
        self.feed.close()
        for flash in self._flashes:
            flash.close()

    # An `Audience`.

    def attend(self) -> None:
        self.feed.poll()
        self._tunnel.pump()
        self._phone.poll(time.monotonic())

    def wait(self, seconds: float) -> None:
        readers = [*self.feed.readers(), *self._tunnel.readers()]
        writers = [*self.feed.writers(), *self._tunnel.writers()]
        select.select(readers, writers, [], max(0.0, seconds))
        self._tunnel.pump()

    # Its parts.

    def _begin_s(self, story: Story, kept: tuple[dict[str, Any], float] | None) -> float:
        """The clock goes on if one runs; else it is the time at which the world was kept."""
        course = self._world.read_course(time.monotonic())
        if course is not None:
            return course.at(time.monotonic())
        return kept[1] if kept is not None else float(unix_s(story.now) - RECORDS_S)

    def _make_car(self, desk: Desk, plan: CarPlan, simulated_s: float) -> None:
        # Chance is new in each process, as a box's entropy is: nothing here is to be repeated.
        kernel = Kernel(randbits(62))
        kernel.run_until(int((simulated_s - plan.start_unix_s) * _US))
        self._flashes = [
            FileFlash(desk.folder / "journal.flash", JOURNAL_SECTORS, randbits(30)),
            FileFlash(desk.folder / "cache.flash", CACHE_SECTORS, randbits(30)),
        ]

        def make_centre(_kernel: Any, timeline: Any, clock: Any, _plan: Any) -> Phone:
            phone = Phone(
                self._http, self._records, desk.accounts, desk.identity, self._tunnel, clock.unix_s
            )
            phone.note = timeline.note
            self._phone = phone
            return phone

        self._car = Car(kernel, plan, make_centre)
        self._car.journal_flash, self._car.cache_flash = self._flashes
        self._car.storage.storages = tuple(self._flashes)

    def _join(self) -> None:
        """Who hears of what."""
        show = self._show
        show.pacer.limit = self._limit
        show.show = self._publish
        show.on_pace = self._tell_pace
        self._tunnel.on_busy = self._phone.on_busy = self._tell_pace
        self._tunnel.on_login = self._tell_login
        self._clock.on_change = self._tell_clock
        self._car.timeline.observers.append(self._note)
        on_told = self._cast.telling.on_told

        def tell(one: Told) -> None:
            on_told(one)
            self.feed.tell(self._told.add(one))

        self._cast.telling.on_told = tell
        self._tell_clock(self._clock.course)

    def _tell_login(self, code: int) -> None:
        """Once for each change, however often the car tries.

        A daemon that has refused a name lets it wait and calls itself busy: that is no news.
        """
        if code == packets.SERVER_UNAVAILABLE and self._login != packets.ACCEPTED:
            return
        if code not in (packets.ACCEPTED, self._login):
            why = _LOGIN_REFUSALS.get(code, f"MQTT's code {code}")
            self._cast.telling.say(REFUSED, f"The daemon does not let the car in: {why}.")
        self._login = code

    # Time.

    @property
    def _simulated_s(self) -> float:
        return self._car.true_clock.start_unix_s + self._car.kernel.now_us / _US

    def _limit(self) -> float:
        """Answers from outside come in outside time: no hurry while one is on its way."""
        is_awaited = self._tunnel.is_busy or self._phone.is_busy
        return _HELD_RATE if is_awaited else float("inf")

    def _tell_pace(self) -> None:
        self._clock.follow(self._simulated_s, self._show.rate)

    def _tell_clock(self, course: Course) -> None:
        """At once: the daemon must not answer in another time."""
        self._world.keep_course(course)
        self.feed.tell(course.message())
        self.feed.flush()
        if self._told_rate > _FAST_RATE:
            self._tunnel.hold(_HEARD_WITHIN_S)
        self._told_rate = course.rate

    # The feed.

    def _greet(self) -> list[dict[str, Any]]:
        script = script_of(self._cast.story)
        return [self._clock.course.message(), script, self._look(), *self._told.last()]

    def _look(self) -> dict[str, Any]:
        show = self._show
        car = self._cast.look(show.pace, show.pacer.speed)
        return {"car": {**car, "is_still": show.is_still, "by_hand": show.mode == DRIVING}}

    def _publish(self) -> None:
        now_s = time.monotonic()
        if now_s >= self._show_at_s:
            self._show_at_s = now_s + SHOW_EVERY_S
            if self.feed.clients:
                shown = self._look()
                if shown != self._shown:
                    self._shown = shown
                    self.feed.tell(shown)
        if now_s >= self._keep_at_s:
            self._keep_at_s = now_s + KEEP_EVERY_S
            self._world.keep(self._car, self._simulated_s, time_too=True)
        self.feed.flush()

    def _take(self, asked: dict[str, Any]) -> None:
        if "heard" in asked:
            if asked["heard"] == self._clock.course.monotonic_s:
                self._tunnel.release()
            return
        request = read_request(asked, self._now)
        if isinstance(request, Say):
            self._cast.telling.say(SAID, request.text)
        else:
            self._show.take(request)

    def _note(self, _now_us: int, what: str) -> None:
        """The world is kept before anybody hears of its change."""
        self._world.keep(self._car, self._simulated_s)
        at = datetime.fromtimestamp(int(self._simulated_s), self._zone)
        self.feed.tell(self._told.add(Told(f"{at:%H:%M:%S}", NOTED, what)))
