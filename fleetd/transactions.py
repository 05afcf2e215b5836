"""What all of the fleet's work stands on: store, clock, links; a transaction and what leaves after it."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from fleetd import pushes
from fleetd.core.rules import load_profile
from fleetd.ledger.signing import Signer
from fleetd.store import fleet_rows
from fleetd.store.database import Database
from fleetd.turn import Link, Turn


class Transactions:
    """`send(car, frame)` is best effort: what does not arrive is sent again or asked for."""

    def __init__(
        self,
        store: Database,
        send: Callable[[str, bytes], None],
        clock: Callable[[], float],
        entropy: Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        self._db = store
        self._send = send
        #: Unix time, for whoever shows it.
        self.clock = clock
        self._entropy = entropy
        self.profile = fleet_rows.profile(store)
        self.rules = load_profile(self.profile)
        self._links: dict[str, Link] = {}
        #: Signs the journal; none in a command on the host, which signs nothing.
        self.signer: Signer | None = None
        #: What came and was of no use, by kind; of this process.
        self.counts: Counter[str] = Counter()

    @contextmanager
    def _turn(self) -> Iterator[Turn]:
        """One transaction; its frames leave when it is committed."""
        turn = Turn(
            self._db, int(self.clock()), self.rules, self._entropy, self._links, self.counts
        )
        with self._db.transaction():
            yield turn
            for car in sorted(turn.changed):
                pushes.want_push(turn, car)
        for car, frame in turn.outgoing:
            self._send(car, frame)
