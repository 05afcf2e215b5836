"""The box's life: power, boot, turns when one is due, hanging, the watchdog.

The board calls the program when its next turn is due, an input changed, the reader's line fell
idle, bytes came over the network, or the carrier came or went. A turn whose storage operations
take time keeps the box busy for that time; its outputs move at their own offsets in it.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from boards.sim.car_wire import BOOT, STREAM_BYTES_MAX, TURN, WANTS_DEADLINES, WANTS_HEAP
from firmware.ticks import MASK, ticks_diff
from firmware.wire.code_names import PULSE_NAMES
from firmware.wire.codes import OUTS, STATE_NAMES
from hal.fake.clock import START_MS
from hal.fake.flash import PowerCut
from simulator.kernel import Event, Kernel
from simulator.surroundings import Surroundings, describe
from simulator.vm.program import MakeProgram, Program, ProgramError
from simulator.vm.wire import Response, pack_request, unpack_response

BOOT_US = 300_000
WATCHDOG_US = 8_000_000
_TURN_US_MIN = 1000
_ENTROPY_BITS = 128

#: What `state` is while no program runs.
OFF = "off"


class Box:
    """A box in a car, made of `config`.

    Terms, settings, journal and cache as (sector bytes, sectors), car, key, password, host and port
    as `boards.sim` reads them; each start adds its own entropy.
    """

    def __init__(
        self,
        kernel: Kernel,
        around: Surroundings,
        make_program: MakeProgram,
        config: dict[str, Any],
    ) -> None:
        self._kernel = kernel
        self._around = around
        self._make_program = make_program
        self._config = config
        self._entropy = kernel.random("entropy of the box")
        self._program: Program | None = None
        self._life: list[Event] = []  # all that must not happen when this program is gone
        self._next: Event | None = None
        self._epoch_us = 0
        self._busy_until_us = 0
        self._fed_us = 0
        self.is_powered = False
        self._power_was_lost = False  # and no program has been told yet
        self.is_hung = False
        self.state = OFF
        self.response: Response | None = None
        #: Whether each turn tells the deadlines; they cost a little time.
        self.tells_deadlines = False
        self._deadlines_us: list[tuple[str, int]] = []
        self.failures: list[str] = []
        self.turns = 0
        #: When its program began last, or will begin.
        self.starts_us = 0

    # Power.

    def power_on(self) -> None:
        if not self.is_powered:
            self.is_powered = self._power_was_lost = True
            self._around.timeline.note("power on")
            self._around.restore_storage()
            self._around.reader.set_power(True)
            self._start()

    def power_cut(self) -> None:
        if self.is_powered:
            self.is_powered = False
            self._stop_program()
            self._around.timeline.note("power cut")
            self._around.reader.set_power(False)

    def reset(self) -> None:
        """The watchdog, or somebody's finger: the program starts anew, the reader keeps its power."""
        if self.is_powered:
            self._stop_program()
            self._around.timeline.note("reset")
            self._start()

    def hang(self) -> None:
        """The program turns no more; its outputs stay until the watchdog bites."""
        if self._program is not None and not self.is_hung:
            self.is_hung = True
            self._around.timeline.note("program hangs")
            self._cancel_next()
            self._later(max(0, self._fed_us + WATCHDOG_US - self._kernel.now_us), self.reset)

    def close(self) -> None:
        """End the program's process, if it has one. Nothing is noted."""
        if self._program is not None:
            self._program.close()
            self._program = None

    # What wakes it.

    def wake(self) -> None:
        """Something happened that the program should see."""
        if self._program is not None and not self.is_hung:
            self._plan(max(self._kernel.now_us, self._busy_until_us))

    # What it says.

    def deadlines(self) -> list[tuple[str, int]]:
        """(name, remaining ms) of the armed deadlines; needs `tells_deadlines`."""
        now_us = self._kernel.now_us
        return [(name, (at_us - now_us) // 1000) for name, at_us in self._deadlines_us]

    def measure_heap(self) -> tuple[int, int]:
        """(free, used) bytes after a collection, in a turn made for it; zeros on CPython."""
        if self._program is None or self.is_hung:
            return 0, 0
        self._exchange(TURN, WANTS_HEAP)
        return (self.response.heap_free, self.response.heap_used) if self.response else (0, 0)

    # Its turns.

    def _start(self) -> None:
        self.starts_us = self._kernel.now_us + BOOT_US
        self._later(BOOT_US, self._boot)

    def _boot(self) -> None:
        self._epoch_us = self._busy_until_us = self._fed_us = self._kernel.now_us
        self._program = self._make_program()
        config = dict(
            self._config,
            entropy=f"{self._entropy.getrandbits(_ENTROPY_BITS):032x}",
            power_was_lost=self._power_was_lost,
        )
        self._power_was_lost = False
        self._exchange(BOOT, 0, json.dumps(config).encode())

    def _turn(self) -> None:
        self._next = None
        self._exchange(TURN, 0)

    def _exchange(self, kind: int, wants: int, config: bytes = b"") -> None:
        program = self._program
        if program is None:
            return
        self.turns += 1
        frame = self._request(kind, wants, config)
        try:
            response = unpack_response(program.handle(frame))
        except PowerCut:
            self.power_cut()
        except ProgramError as error:
            if kind == BOOT:
                raise
            self.failures.append(str(error))
            self._around.timeline.note(f"program failed: {error}")
            self.reset()
        else:
            self._act(response)

    def _request(self, kind: int, wants: int, config: bytes) -> bytes:
        baud, received = self._around.reader.take_received()
        unread = self.response.unread if kind == TURN and self.response is not None else 0
        stream = self._around.network.modem.tell(STREAM_BYTES_MAX - unread)
        if self.tells_deadlines:
            wants |= WANTS_DEADLINES
        return pack_request(
            describe(self._around, kind, wants, self._now_ms(), baud, received, stream, config)
        )

    def _now_ms(self) -> int:
        return (START_MS + (self._kernel.now_us - self._epoch_us) // 1000) & MASK

    def _act(self, response: Response) -> None:
        """What the turn did reaches the world."""
        now_us = self._kernel.now_us
        self.response = response
        # A turn made to measure the heap may fall into the time of the one before.
        self._busy_until_us = max(now_us, self._busy_until_us) + response.busy_us
        if response.was_fed:
            self._fed_us = self._busy_until_us
        if response.set_wall_s is not None:
            self._around.clock.set_wall(response.set_wall_s)
        if response.committed:
            self._around.hear_events(response.committed)
        state = STATE_NAMES[response.state]
        if state != self.state:
            self.state = state
            self._around.timeline.note(f"state {state}")
        for offset_ms, line, level in response.changes:
            self._move_at(offset_ms, line, level == 1)
        for sent in response.sent:
            self._say_at(sent.offset_ms, sent.data, sent.baud)
        if self._busy_until_us > now_us:
            self._later(self._busy_until_us - now_us, lambda: self._finish(response))
        else:
            self._finish(response)
        left_ms = ticks_diff(response.next_due_ms, self._now_ms())
        due_us = self._epoch_us + ((now_us - self._epoch_us) // 1000 + left_ms) * 1000
        if self._around.network.modem.has_more and response.unread < STREAM_BYTES_MAX:
            due_us = now_us
        if now_us - self._fed_us > WATCHDOG_US:
            self.reset()
        else:
            self._plan(max(due_us, self._busy_until_us, now_us + _TURN_US_MIN))
        if self.tells_deadlines:
            self._deadlines_us = [(name, now_us + left * 1000) for name, left in response.deadlines]

    def _move_at(self, offset_ms: int, line: int, level: bool) -> None:
        if offset_ms:
            self._later(offset_ms * 1000, lambda: self._move(line, level))
        else:
            self._move(line, level)

    def _move(self, line: int, level: bool) -> None:
        if line < OUTS:
            self._around.signals.write(line, level)
        else:
            if level:
                self._around.timeline.note(f"pulse {PULSE_NAMES[line - OUTS]}")
            self._around.relays.write(line - OUTS, level)

    def _say_at(self, offset_ms: int, data: bytes, baud: int) -> None:
        if offset_ms:
            self._later(offset_ms * 1000, lambda: self._around.reader.hear(data, baud))
        else:
            self._around.reader.hear(data, baud)

    def _finish(self, response: Response) -> None:
        """The end of the turn, after its storage operations."""
        self._around.signals.show(response.lamp)
        self._around.network.modem.do(response.stream, response.written)

    def _stop_program(self) -> None:
        """The program is gone, and with it all that it had yet to do; outputs fall off."""
        for event in self._life:
            event.cancel()
        self._life = []
        self._cancel_next()
        self._around.network.modem.forget()
        self.close()
        self.is_hung = False
        self.state = OFF
        self._deadlines_us = []
        self._around.relays.all_off()
        self._around.signals.all_off()

    def _plan(self, at_us: int) -> None:
        """A turn no later than `at_us`."""
        if self._next is None or not self._next.is_pending or self._next.at_us > at_us:
            self._cancel_next()
            self._next = self._kernel.at(at_us, self._turn)

    def _cancel_next(self) -> None:
        if self._next is not None:
            self._next.cancel()
            self._next = None

    def _later(self, delay_us: int, action: Callable[[], None]) -> None:
        """An event of this program's life."""
        if len(self._life) > 16:
            self._life = [event for event in self._life if event.is_pending]
        self._life.append(self._kernel.after(delay_us, action))
