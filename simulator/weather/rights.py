"""Whether each opening had a right to it, judged by what people and daemons did, not by the box.

A second opinion on SAFE-1 to SAFE-4 and the lease: of the box it takes the world's physical state,
its clock, and which of the daemon's committed copies it says that it has.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

from firmware.wire import codes, kb1
from firmware.wire.journal_format import EPOCH_2020_S
from firmware.wire.kb1 import Hello
from firmware.wire.records import BOOKING
from simulator.clocks import TrueClock
from simulator.kernel import Kernel
from simulator.weather.car import WeatherCar
from simulator.weather.chronicle import Violation
from simulator.weather.copies import Copies, Standing
from simulator.weather.requests import Requests

AT_REST = "SAFE-1: no pulse blocks the starter of a car that runs or moves"
WITH_RIGHT = "SAFE-2: no pulse opens doors without a card or a command that may do so now"
RELEASED = "SAFE-2: no pulse frees the starter outside of a use"
#: A touch may be answered so late: 3 s of asking, and the tries of a lock.
_TOUCH_US = 8_000_000
_COMMAND_US = 6_000_000
_SENSE_US = 400_000
_EXPIRY_SLACK_S = 2
LEASE_S = 72 * 3600
_REOPEN_SLACK_S = 90
_OPENS = (codes.VERB_START, codes.VERB_REOPEN, codes.VERB_REUNLOCK)


@dataclass
class Ledger:
    """What is known of one car from outside."""

    #: (when, which card), newest last; older ones are forgotten.
    touches: list[tuple[int, bytes]] = field(default_factory=list)
    #: Of the last command that could open: when it came, and for whom.
    commanded_us: int = -_COMMAND_US
    commander: int = 0
    #: Who opened last with a right, and whether the use goes on.
    driver: int = 0
    is_in_use: bool = False
    locked_us: int = 0
    lease_us: int = 0
    jumped_s: int = 0
    moved_us: int = -_SENSE_US
    #: When the power went last.
    off_us: int = 0
    nonces: set[bytes] = field(default_factory=set)


class Rights:
    """`start_early_s` and `reopen_s` as the operator's terms have them."""

    def __init__(
        self,
        kernel: Kernel,
        clock: TrueClock,
        copies: Copies,
        requests: Requests,
        start_early_s: int,
        reopen_s: int,
    ) -> None:
        self._kernel = kernel
        self._clock = clock
        self._copies = copies
        self._requests = requests
        self._start_early_s = start_early_s
        self._reopen_s = reopen_s
        self._ledgers: dict[str, Ledger] = {}
        self.opened = 0

    def of(self, car: WeatherCar) -> Ledger:
        return self._ledgers.setdefault(car.ident, Ledger())

    # What happens.

    def touch(self, car: WeatherCar, card: bytes) -> None:
        ledger = self.of(car)
        since_us = self._kernel.now_us - _TOUCH_US
        ledger.touches = [touch for touch in ledger.touches if touch[0] >= since_us]
        ledger.touches.append((self._kernel.now_us, card))

    def boot(self, car: WeatherCar) -> None:
        """Questions of an earlier boot have no answer any more."""
        self.of(car).nonces.clear()

    def lose_power(self, car: WeatherCar) -> None:
        self.of(car).off_us = self._kernel.now_us

    def see_event(self, car: WeatherCar, event: bytes, at_us: int) -> None:
        """The car wrote that: a use begins although the power may have gone before the pulse."""
        if event[0] == codes.AUDIT_UNLOCKED:
            self._may_open(car, self.of(car), codes.PULSE_UNLOCK, at_us)

    def hear_hello(self, car: WeatherCar, hello: Hello) -> None:
        self.of(car).nonces.add(hello.nonce)

    def note_jump(self, car: WeatherCar, by_s: int) -> None:
        """The box's clock is off, and what it measures with it."""
        self.of(car).jumped_s += abs(by_s)

    def renew(self, car: WeatherCar, at_us: int) -> None:
        """The copy changed, or was confirmed."""
        ledger = self.of(car)
        ledger.lease_us, ledger.jumped_s = at_us, 0

    def arrives(self, car: WeatherCar, kind: int, body: bytes) -> None:
        """A genuine frame reaches the car's modem."""
        if kind == kb1.TIME:
            nonce, _, gen, rev, hash8 = kb1.unpack_time(body)
            is_asked = nonce in self.of(car).nonces
            if is_asked and Standing(gen, rev, hash8) == self._copies.standing(car):
                self.renew(car, self._kernel.now_us)
        elif kind == kb1.CMD:
            self._arrives_command(car, body)

    def _arrives_command(self, car: WeatherCar, body: bytes) -> None:
        command = kb1.unpack_command(body)
        expires_s = self._requests.expires_s(command.command) + _EXPIRY_SLACK_S
        if (
            command.verb in _OPENS
            and command.boot == car.boot
            and not self._requests.has_acted(command.command)
            and self._clock.unix_s() <= expires_s
        ):
            ledger = self.of(car)
            ledger.commanded_us = self._kernel.now_us
            ledger.commander = command.driver

    # What the box does.

    def pulse(self, car: WeatherCar, line: int) -> None:
        ledger = self.of(car)
        if line == codes.PULSE_LOCK:
            ledger.locked_us = self._kernel.now_us
            if car.body.key_is_in_box:
                ledger.is_in_use = False
        elif line == codes.PULSE_BLOCK:
            if car.body.engine_is_on and self._kernel.now_us - ledger.moved_us > _SENSE_US:
                raise Violation(AT_REST, car.name)
        elif not self._may_open(car, ledger, line, self._kernel.now_us):
            is_door = line == codes.PULSE_UNLOCK
            what = f"{car.name}, touches {[card.hex() for _, card in ledger.touches]}"
            raise Violation(WITH_RIGHT if is_door else RELEASED, what)
        elif line == codes.PULSE_UNLOCK:
            self.opened += 1

    def _may_open(self, car: WeatherCar, ledger: Ledger, line: int, at_us: int) -> bool:
        if at_us - ledger.commanded_us <= _COMMAND_US:
            ledger.is_in_use, ledger.driver = True, ledger.commander
            return True
        if line == codes.PULSE_RELEASE and ledger.is_in_use:
            return True
        return any(
            at_us - touched_us <= _TOUCH_US and self._card_may_open(car, ledger, card, line)
            for touched_us, card in reversed(ledger.touches)
        )

    def _card_may_open(self, car: WeatherCar, ledger: Ledger, card: bytes, line: int) -> bool:
        records = self._copies.records(car)
        if (codes.OP_PUT_STAFF, card) in records:
            return line == codes.PULSE_UNLOCK
        record = records.get((codes.OP_PUT_CARD, card))
        if record is None:
            return False
        driver: int = struct.unpack_from(">I", record, 8)[0]
        if self._may_start(car, ledger, driver):
            ledger.is_in_use, ledger.driver = True, driver
            return True
        if driver != ledger.driver or line != codes.PULSE_UNLOCK:
            return False
        since_s = (self._kernel.now_us - ledger.locked_us) // 1_000_000
        return ledger.is_in_use or since_s <= self._reopen_s + _REOPEN_SLACK_S

    def _may_start(self, car: WeatherCar, ledger: Ledger, driver: int) -> bool:
        """SAFE-4, START-1 and the lease, by the box's own clock."""
        if not car.clock.is_trusted:
            return False
        silent_s = (self._kernel.now_us - ledger.lease_us) // 1_000_000
        if silent_s > LEASE_S + ledger.jumped_s + 1:
            return False
        wall_s = car.clock.wall_s() + EPOCH_2020_S
        for (op, _), record in self._copies.records(car).items():
            if op == codes.OP_PUT_BOOKING:
                _, owner, starts_s, ends_s = struct.unpack(BOOKING, record)
                if owner == driver and starts_s - self._start_early_s <= wall_s < ends_s:
                    return True
        return False
