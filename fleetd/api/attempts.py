"""How often a log-in may be tried: by account, by address, and in all.

The account's bound is the one that the fleet keeps with each account; here it holds for IDs that
nobody has as well, so that nobody learns from it which IDs there are.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from fleetd.api.answers import Wrong
from fleetd.core import passwords
from fleetd.mqtt.admission import network_of
from fleetd.mqtt.allowance import Allowance, Allowances


@dataclass(frozen=True, slots=True)
class Bounds:
    """A try costs some 50 ms of the daemon's only thread, hence the last two."""

    #: Wrong tries of one address, over all accounts.
    address_failures_per_s: float = 0.1
    address_failures_burst: int = 20
    #: Addresses and accounts remembered; the oldest go first.
    remembered_max: int = 20_000
    tries_per_s: float = 5.0
    tries_burst: int = 20


class Attempts:
    """Asked before a password is looked at, told afterwards. `clock`: monotonic seconds."""

    def __init__(self, clock: Callable[[], float], bounds: Bounds = Bounds()) -> None:
        self._clock = clock
        self._remembered_max = bounds.remembered_max
        self._tries = Allowance(bounds.tries_per_s, bounds.tries_burst, clock())
        self._addresses = Allowances(
            bounds.address_failures_per_s, bounds.address_failures_burst, bounds.remembered_max
        )
        #: account: (wrong tries in a row, when the last one was)
        self._accounts: OrderedDict[str, tuple[int, int]] = OrderedDict()

    def check(self, account: str, address: str) -> None:
        """Wrong when the try must wait; the password must not be looked at then."""
        now = self._clock()
        failures, failed_s = self._accounts.get(account, (0, 0))
        if passwords.must_wait(failures, failed_s, int(now)):
            raise _wait("too_many_tries", failed_s + passwords.WAIT_S - int(now))
        place = network_of(address)
        if not self._addresses.has(place, now):
            raise _wait("too_many_tries", self._addresses.wait_s(place, now))
        if not self._tries.spend(now):
            raise _wait("overloaded", self._tries.wait_s(now))

    def note(self, account: str, address: str, *, is_right: bool) -> None:
        """What came of it."""
        if is_right:
            self._accounts.pop(account, None)
            return
        now = self._clock()
        self._addresses.spend(network_of(address), now)
        self._accounts[account] = (self._accounts.get(account, (0, 0))[0] + 1, int(now))
        self._accounts.move_to_end(account)
        if len(self._accounts) > self._remembered_max:
            self._accounts.popitem(last=False)


def _wait(code: str, wait_s: float) -> Wrong:
    return Wrong(code, {"Retry-After": str(max(1, math.ceil(wait_s)))})
