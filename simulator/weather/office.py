"""The daemon's own code on a database of its own, which may die between any two statements.

What a commit wrote survives the death, as it does on a disk; what was not committed is rolled back.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import ceil
from typing import Any, Protocol, TypeVar

from fleetd.service import Fleet
from fleetd.store.database import Database
from simulator.clocks import TrueClock
from simulator.kernel import Event, Kernel

Answer = TypeVar("Answer")
#: While nobody can reach it the daemon looks at its bookings less often, to save the host's time.
IDLE_TICK_S = 600


class Crash(BaseException):
    """The process dies here. Not an Exception, so that nobody handles it."""


class Disk(sqlite3.Connection):
    """A connection on which the process may die: before a statement, or just after a commit."""

    #: So many more places are passed; None: it lives.
    crash_in: int | None = None

    def pass_place(self) -> None:
        """Here it may die."""
        if self.crash_in is not None:
            if self.crash_in == 0:
                self.crash_in = None
                raise Crash
            self.crash_in -= 1

    def execute(self, sql: str, *values: Any) -> sqlite3.Cursor:
        if self.crash_in is None or sql == "ROLLBACK":
            return super().execute(sql, *values)
        self.pass_place()
        done = super().execute(sql, *values)
        if sql == "COMMIT":
            self.pass_place()
        return done

    def executemany(self, sql: str, *values: Any) -> sqlite3.Cursor:
        if self.crash_in is not None:
            self.pass_place()
        return super().executemany(sql, *values)


def load(image: bytes) -> Disk:
    """A database of its own with those contents."""
    disk = sqlite3.connect(":memory:", isolation_level=None, factory=Disk)
    disk.deserialize(image)
    disk.row_factory = sqlite3.Row
    disk.execute("PRAGMA foreign_keys = ON")
    return disk


class Around(Protocol):
    """Where its frames go, and who watches it."""

    def office_sent(self, office: Office, car: str, frame: bytes) -> None: ...
    def office_did(self, office: Office) -> None: ...
    def office_died(self, office: Office) -> None: ...
    def is_idle(self) -> bool: ...


class Office:
    """`fleet` is None while no process runs. `image` is what its disk holds at first."""

    def __init__(
        self,
        kernel: Kernel,
        clock: TrueClock,
        around: Around,
        name: str,
        image: bytes,
    ) -> None:
        self._kernel = kernel
        self._clock = clock
        self._around = around
        self.name = name
        self.disk = load(image)
        self._entropy = kernel.random(f"entropy of {name}")
        self.fleet: Fleet | None = None
        self.processes = 0
        self._tick_event: Event | None = None
        self.start()

    @property
    def db(self) -> Database:
        return Database(self.disk)

    @contextmanager
    def unharmed(self) -> Iterator[Database]:
        """For another process on the same disk, or a watcher: it does not die in the daemon's place."""
        crash_in, self.disk.crash_in = self.disk.crash_in, None
        try:
            yield self.db
        finally:
            self.disk.crash_in = crash_in

    def start(self) -> None:
        """A process on the disk as it is."""
        if self.fleet is None:
            self.processes += 1
            self.disk.crash_in = None
            self.fleet = Fleet(self.db, self._send, self._now_s, self._entropy.randbytes)
            self._plan_tick(self._kernel.now_us)

    def stop(self) -> None:
        """The process is gone."""
        self.fleet = None
        self.disk.crash_in = None
        if self._tick_event is not None:
            self._tick_event.cancel()
            self._tick_event = None

    def backup(self) -> bytes:
        """The contents of the disk between two transactions."""
        return self.disk.serialize()

    def restore(self, image: bytes) -> None:
        """The disk holds that from now on; no process may run."""
        assert self.fleet is None
        self.disk.close()
        self.disk = load(image)

    def call(self, act: Callable[[Fleet], Answer]) -> Answer | None:
        """Have the process do something; None when there is none, or it dies of it."""
        if self.fleet is None:
            return None
        try:
            return act(self.fleet)
        except Crash:
            self.stop()
            self._around.office_died(self)
            return None
        finally:
            self._around.office_did(self)
            if self.fleet is not None:
                self._ask_tick()

    def by_hand(self, act: Callable[[Fleet], Answer], dies_in: int | None = None) -> Answer | None:
        """A command on the host: a process of its own on the same disk, which sends nothing.

        None when it dies, so many places from now.
        """
        with self.unharmed():
            try:
                fleet = self.beside()
                self.disk.crash_in = dies_in
                return act(fleet)
            except Crash:
                return None
            finally:
                self.disk.crash_in = None
                self._around.office_did(self)

    def beside(self) -> Fleet:
        """As a command on the host has it."""
        return Fleet(self.db, lambda _c, _f: None, self._now_s, self._entropy.randbytes)

    def _ask_tick(self) -> None:
        """When the next tick is due; dying while it tells is possible too."""
        fleet = self.fleet
        assert fleet is not None
        try:
            due_us = self._clock.at_us(ceil(fleet.next_tick_s()))
        except Crash:
            self.stop()
            self._around.office_died(self)
            return
        if self._around.is_idle():
            due_us = max(due_us, self._kernel.now_us + IDLE_TICK_S * 1_000_000)
        if self._tick_event is None or not self._tick_event.is_pending:
            self._plan_tick(due_us)
        elif self._tick_event.at_us > due_us:
            self._tick_event.cancel()
            self._plan_tick(due_us)

    def _plan_tick(self, at_us: int) -> None:
        self._tick_event = self._kernel.at(at_us, self._tick)

    def _tick(self) -> None:
        self._tick_event = None
        self.call(lambda fleet: fleet.tick())

    def _now_s(self) -> float:
        return self._clock.start_unix_s + self._kernel.now_us / 1_000_000

    def _send(self, car: str, frame: bytes) -> None:
        self.disk.pass_place()
        self._around.office_sent(self, car, frame)
