"""Whether each command acts at most once, in time and in order, and what the phone shows is true (I3)."""

from __future__ import annotations

from collections import Counter

from firmware.wire import codes, kb1
from firmware.wire.journal_format import HEAD_BYTES
from simulator.weather.car import WeatherCar
from simulator.weather.chronicle import Violation
from simulator.weather.office import Office

ONCE = "a command acts at most once"
IN_TIME = "no command acts after its expiry, or without a daemon that issued it"
IN_ORDER = "a command acts only if no newer one of its boot was taken before"
TRUE_ANSWER = "a request that is shown as refused was not carried out"
TRUE_ACCEPTED = "a request that is shown as accepted was taken by the car"
PUSHED = "a daemon that heard a car pushes what it lacks at least once a minute"
PACE = "a daemon pushes to a car at most once a second, unless the car asks"
#: The daemon counts in whole seconds.
_SLACK_S = 2
#: A minute, and whole seconds on both ends.
_PUSHED_S_MAX = 62
_DONE = (
    codes.AUDIT_UNLOCKED, codes.AUDIT_ENDED, codes.AUDIT_REUNLOCKED, codes.AUDIT_ENROL_OPENED,
    codes.AUDIT_REOPEN_REQUESTED,
)  # fmt: skip
_PUSHES = (kb1.DELTA, kb1.SNAP)


class Requests:
    """Commands by their id: who issued them, what cars wrote of them."""

    def __init__(self) -> None:
        self._intents: Counter[bytes] = Counter()
        self._done: set[bytes] = set()
        #: Car's boot -> id -> counters under which it arrived; the highest that acted.
        self._arrived: dict[bytes, dict[bytes, list[int]]] = {}
        self._taken: dict[bytes, int] = {}
        self._expires_s: dict[bytes, int] = {}
        #: Office -> command -> what it shows of it.
        self._shown: dict[str, dict[bytes, str]] = {}
        #: Pending in the copy of a database: what came of them, the other one may know.
        self._inherited: dict[str, set[bytes]] = {}
        self._shared: set[bytes] = set()

    def adopt(self, office: Office) -> None:
        """The office's disk holds something else than before."""
        rows = office.disk.execute("SELECT id, status FROM command").fetchall()
        self._shown[office.name] = {row[0]: row[1] for row in rows}
        self._inherited[office.name] = {row[0] for row in rows if row[1] == "pending"}

    def share(self, office: Office) -> None:
        """The office's disk is copied: what comes of pending requests, either one may not hear."""
        rows = office.disk.execute("SELECT id FROM command WHERE status = 'pending'")
        self._shared.update(row[0] for row in rows)

    def arrives(self, car: WeatherCar, body: bytes) -> None:
        """The body of a genuine CMD reaches the car's modem."""
        command = kb1.unpack_command(body)
        if command.boot == car.boot:
            arrived = self._arrived.setdefault(car.boot, {})
            arrived.setdefault(command.command, []).append(command.counter)

    def has_acted(self, ident: bytes) -> bool:
        return self._intents[ident] > 0

    def expires_s(self, ident: bytes) -> int:
        """Unix time; 0 when no daemon issued it."""
        return self._expires_s.get(ident, 0)

    def see_event(self, car: WeatherCar, event: bytes, at_s: float) -> None:
        """The car wrote that, at `at_s` (Unix time)."""
        if event[0] == codes.AUDIT_COMMAND_RECEIVED:
            self._see_intent(car, event[HEAD_BYTES + 1 : HEAD_BYTES + 9], at_s)
        elif event[0] in _DONE and event[HEAD_BYTES] == codes.BY_COMMAND:
            self._done.add(event[HEAD_BYTES + 1 : HEAD_BYTES + 9])

    def _see_intent(self, car: WeatherCar, ident: bytes, at_s: float) -> None:
        self._intents[ident] += 1
        if self._intents[ident] > 1:
            raise Violation(ONCE, f"{ident.hex()} in {car.name}")
        if at_s > self._expires_s.get(ident, 0) + _SLACK_S:
            raise Violation(IN_TIME, f"{ident.hex()} in {car.name}")
        counters = self._arrived.get(car.boot, {}).get(ident)
        if car.loop is None or counters is None:
            return  # of a turn in which the power went; its boot is over
        taken = self._taken.get(car.boot, 0)
        fit = [counter for counter in counters if counter > taken]
        if not fit:
            what = f"{ident.hex()} in {car.name}: {counters}, {taken} was taken"
            raise Violation(IN_ORDER, what)
        self._taken[car.boot] = min(fit)

    def see_commit(self, office: Office) -> None:
        """Its process did something."""
        shown = self._shown[office.name]
        for ident, status, expires_s in office.disk.execute(
            "SELECT id, status, expires_s FROM command"
        ):
            if shown.get(ident) == status:
                continue
            shown[ident] = status
            self._expires_s[ident] = expires_s
            self._check(office.name, ident, status)

    def _check(self, office: str, ident: bytes, status: str) -> None:
        """What is shown of it against what the car wrote."""
        is_own = ident not in self._inherited[office] and ident not in self._shared
        if status == "refused" and ident in self._done and is_own:
            raise Violation(TRUE_ANSWER, f"{ident.hex()} at {office}")
        if status == "accepted" and not self._intents[ident]:
            raise Violation(TRUE_ACCEPTED, f"{ident.hex()} at {office}")

    def check_all(self) -> None:
        """Cars may have done something since it was shown."""
        for office, shown in self._shown.items():
            for ident, status in shown.items():
                self._check(office, ident, status)


class Pushes:
    """How often a daemon pushes to a car."""

    def __init__(self) -> None:
        self._now: list[str] = []
        self._last: dict[tuple[str, int, str], int] = {}
        #: Since when a car waits for its next push.
        self._waits_s: dict[tuple[str, int, str], int] = {}
        self._looked_s: dict[str, int] = {}

    def see_frame(self, car: str, kind: int) -> None:
        if kind in _PUSHES:
            self._now.append(car)

    def end_call(self, office: Office, asking: str, second: int) -> None:
        """The call in which they were sent is over; `asking`: the car whose question it answered."""
        if not self._now:
            return
        pushed, self._now = sorted(set(self._now)), []
        for car in pushed:
            key = office.name, office.processes, car
            if car != asking and self._last.get(key) == second:
                raise Violation(PACE, f"{office.name} to {car}")
            self._last[key] = self._waits_s[key] = second

    def hear_nack(self, office: Office, car: str, second: int) -> None:
        """Genuine or not: after one the daemon may wait a minute."""
        self._waits_s[office.name, office.processes, car] = second

    def look_for_waiting(self, office: Office, second: int) -> None:
        """Once a second of calls: cars that lack something, are there, and were heard."""
        if office.fleet is None or self._looked_s.get(office.name) == second:
            return
        self._looked_s[office.name] = second
        links = office.fleet._links  # noqa: SLF001 - who was heard, it says nowhere else
        for car, behind_s in office.disk.execute("SELECT id, behind_s FROM car"):
            key, link = (office.name, office.processes, car), links.get(car)
            if behind_s is None or link is None or not (link.is_online and link.was_heard):
                self._waits_s.pop(key, None)
            elif second - self._waits_s.setdefault(key, second) > _PUSHED_S_MAX:
                raise Violation(PUSHED, f"{office.name} to {car}")
