"""What one transaction carries: now, the database, the frames that leave once it is committed."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field

from firmware.wire import frames
from fleetd import seals
from fleetd.core.pace import Pace
from fleetd.core.quota import Quota
from fleetd.core.rules import Rules
from fleetd.store.car_rows import Car, Speaker
from fleetd.store.database import Database

#: More than may be pending for a car at once (`commands.PENDING_MAX`).
MADE_MAX = 8


@dataclass(slots=True)
class Link:
    """What is known of a car's connection; lost with the process, back with the next HELLO."""

    is_online: bool = False
    #: A HELLO came since it went online: boot and standing are those of now.
    was_heard: bool = False
    pace: Pace = field(default_factory=Pace)
    asked_nonce: bytes = b""
    #: (journal, next number) as the last HELLO told them.
    journal: tuple[int, int] = (0, 0)
    time_sent_s: int = 0
    #: (journal, first seq, since): events that begin beyond the next number.
    hole: tuple[int, int, int] | None = None
    nacks: int = 0
    #: Whose key opened the newest frame (see `car_keys`).
    slot: int = 0
    #: Somebody else brought the news that it is there: it is to say HELLO.
    prompts: Pace = field(default_factory=Pace)
    #: When a boot that had been over spoke again, the last few times.
    returns_s: list[int] = field(default_factory=list)
    #: Frames of it, and work on it, that the daemon stumbled over.
    failures: int = 0
    #: HELLOs of it that cannot be, since the last one that can.
    strikes: int = 0
    quota: Quota = field(default_factory=Quota)
    #: Ids of the newest commands that this process made: no copy of the database sent them.
    made: deque[bytes] = field(default_factory=lambda: deque(maxlen=MADE_MAX))


@dataclass(slots=True)
class Turn:
    """`now_s` is the same for all of it; `counts` are of this process."""

    db: Database
    now_s: int
    rules: Rules
    entropy: Callable[[int], bytes]
    links: dict[str, Link]
    counts: Counter[str]
    outgoing: list[tuple[str, bytes]] = field(default_factory=list)
    #: Cars whose log grew.
    changed: set[str] = field(default_factory=set)

    def attempt(self, work: Callable[[], object]) -> None:
        """A part of the transaction that changes everything or, when it raises, nothing."""
        sent, changed = len(self.outgoing), set(self.changed)
        self.db.run("SAVEPOINT attempt")
        try:
            work()
        except BaseException:
            del self.outgoing[sent:]
            self.changed = changed
            self.db.give_up("attempt")
            raise
        self.db.run("RELEASE attempt")

    def link(self, car: str) -> Link:
        found = self.links.get(car)
        if found is None:
            found = self.links[car] = Link()
        return found

    def send(self, car: Car | Speaker, kind: int, body: bytes) -> None:
        """Leaves after the commit; nothing of a transaction that fails is ever sent."""
        key = seals.direction_key(car.spoken_key, frames.DOWN)
        frame = seals.pack_frame(key, bytes.fromhex(car.id), kind, body)
        self.outgoing.append((car.id, frame))
