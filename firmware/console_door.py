"""Where a technician's cable ends: always there, and next to nothing until the first byte comes.

The console itself is loaded then, and given back after 15 minutes without a byte or when the cable
is pulled. A board calls `follow` after each turn of the loop.
"""

from binascii import hexlify

from firmware.compat import unload, unload_folder
from firmware.ticks import FAR_MS, ticks_add, ticks_diff

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from firmware.actuators import Actuators
    from firmware.boot import Boot
    from firmware.cache import Cache
    from firmware.car_terms import Settings
    from firmware.console.console import Console
    from firmware.controller import Controller
    from firmware.debounce import Debounce
    from firmware.journal import Journal
    from firmware.keyring import Keyring
    from firmware.loop import Loop
    from firmware.snapshot import Snapshot
    from firmware.storage_watch import StorageWatch
    from firmware.touch import Touch
    from firmware.uplink import Uplink
    from hal.api import ByteLink, Ports

#: A console that nobody types into is closed, and locked, after this.
SILENT_MS = 900000
#: Without memory for the console it is tried again no sooner.
_AGAIN_MS = 10000
_CLOSED = b"\r\nclosed: no key for 15 minutes. Press Enter to open it again.\r\n"
_NO_MEMORY = b"\r\nno memory for the console: press Enter again in 10 seconds\r\n"
#: Of the loop, under these names without the underscore.
_PARTS = (
    "_ports", "_snapshot", "_controller", "_journal", "_cache", "_uplink",
    "_keyring", "_boot", "_settings", "_watch", "_actuators", "_touch",
)  # fmt: skip


class ConsoleBox:
    """What commands may see of the box, and what outlives the console: its level and its gate.

    `restart(reason)` starts the box anew; None where a board cannot.
    """

    if TYPE_CHECKING:
        ports: Ports
        snapshot: Snapshot
        controller: Controller
        journal: Journal
        cache: Cache
        uplink: Uplink
        keyring: Keyring
        boot: Boot
        settings: Settings
        watch: StorageWatch
        actuators: Actuators
        touch: Touch

    def __init__(
        self, loop: "Loop", version: str, restart: "Callable[[str], None] | None" = None
    ) -> None:
        self.loop = loop
        self.version = version
        self.restart = restart
        #: Whether there is an interpreter's prompt behind this cable, which `restart("prompt")` opens.
        self.has_prompt = False
        #: 0 locked, 1 technician, 2 workshop, 3 the MicroPython prompt.
        self.level = 0
        #: Whoever raised the level; told by `close` when the console goes.
        self.gate: "Any" = None
        #: What a board lets a technician change, see `console.setting.set_`; None: nothing.
        self.own: "Any" = None
        #: Makes it when somebody asks for it first; None: `own` it is.
        self.make_own: "Callable[[], Any] | None" = None
        #: Questions of the gate in this boot; wrong answers in a row, and when the last one came.
        self.questions = 0
        self.wrong = 0
        self.wrong_at_ms = 0
        for part in _PARTS:
            setattr(self, part[1:], getattr(loop, part))

    @property
    def car(self) -> str:
        """The car's identity, 12 hex digits."""
        return str(hexlify(self.keyring.car), "ascii")

    @property
    def debounce(self) -> "Debounce":
        """Another one when the car's settings have changed."""
        found: "Debounce" = getattr(self.loop, "_debounce")  # noqa: B009
        return found

    def lock(self) -> None:
        """Whatever was unlocked is locked again."""
        self.level = 0
        if self.gate is not None:
            self.gate.close()
            self.gate = None


class ConsoleDoor:
    """`link`: the cable; `is_there`, where a link has it, says whether one is plugged in."""

    def __init__(self, link: "ByteLink", box: "ConsoleBox") -> None:
        #: Until `poll` is wanted again, at the latest.
        self.next_ms = FAR_MS
        self._link: "Any" = link
        self._box = box
        self._tells_cable = hasattr(link, "is_there")
        self._console: "Console | None" = None
        self._tried_at_ms = -1  # without memory

    @property
    def is_open(self) -> bool:
        return self._console is not None

    def follow(self, due_ms: int) -> int:
        """After a turn that is due again at the tick `due_ms`: when the box's next turn is due."""
        now_ms = self._box.ports.clock.now_ms()
        self.poll(now_ms)
        if self._box.controller.asked:
            return now_ms
        if ticks_diff(due_ms, now_ms) <= self.next_ms:
            return due_ms
        return ticks_add(now_ms, self.next_ms)

    def poll(self, now_ms: int) -> bool:
        """Do a little, once a turn; whether the next turn is wanted at once."""
        console = self._console
        if self._tells_cable and not self._link.is_there:
            if console is not None:
                self._shut(b"")
            return False
        if console is None:
            if not self._link.any():
                return False
            console = self._open(now_ms)
            if console is None:
                return False
        gate = self._box.gate
        if gate is not None:
            gate.poll(now_ms)
        console.turn(now_ms)
        left_ms = SILENT_MS - ticks_diff(now_ms, console.heard_at_ms)
        if left_ms <= 0:
            self._shut(_CLOSED)
            return False
        self.next_ms = console.next_ms if console.next_ms >= 0 else left_ms
        if gate is not None:
            self.next_ms = min(self.next_ms, gate.left_ms(now_ms))
        if self._box.controller.asked:
            self.next_ms = 0
        return self.next_ms == 0

    def _open(self, now_ms: int) -> "Console | None":
        if self._tried_at_ms >= 0:
            left_ms = _AGAIN_MS - ticks_diff(now_ms, self._tried_at_ms)
            if 0 < left_ms <= _AGAIN_MS:
                self._link.readinto(bytearray(16))
                self.next_ms = left_ms
                return None
            self._tried_at_ms = -1
        try:
            from firmware.console.console import Console

            self._console = Console(self._link, self._box, now_ms)
        except MemoryError:
            self._tried_at_ms = now_ms
            self._shut(_NO_MEMORY)
            self.next_ms = _AGAIN_MS
        return self._console

    def _shut(self, words: bytes) -> None:
        """Lock, and give the memory back."""
        self._console = None
        self.next_ms = FAR_MS
        self._box.lock()
        if words:
            self._link.write(words)
        unload_folder("firmware.console")
        unload("firmware.wire.console_key")
