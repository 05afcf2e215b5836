"""A real box from power-on to the next reset: built from its board and `box.json`, then turned.

What a board gives (`boards/<name>/board.py`, a class named Board) is in the protocol below.
"""

import struct

from boards.pin_table import check_ports
from firmware.console_door import ConsoleBox, ConsoleDoor
from firmware.identity import Identity
from firmware.login import Login
from firmware.loop import Loop
from firmware.version import VERSION

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Protocol

    from boards.box_config import BoxConfig
    from boards.box_ports import BoxPorts
    from boards.own_settings import OwnSettings

    class Board(Protocol):
        """One kind of box."""

        #: The file with `build`, for the sentence about a port that is missing.
        file: str
        #: Whether `restart("prompt")` opens an interpreter's prompt behind the console.
        has_prompt: bool

        def build(self, config: BoxConfig) -> BoxPorts:
            """All ports, outputs at rest first. BoardError says what the board cannot do."""

        def own_settings(self) -> OwnSettings:
            """What of `box.json` a technician may change at the console."""

        def entropy(self) -> bytes:
            """16 random bytes, others at each start."""

        def wait(self, due_ms: int) -> None:
            """Sleep until the tick `due_ms`, or until an input changes or a byte comes.

            Whatever must be asked now and then (position, Wi-Fi) is asked here.
            """

        def make_safe(self) -> None:
            """No level, no pulse; the starter block stays as it is. Never raises."""

        def keep_reason(self, error: Exception) -> None:
            """For the next start, and for a technician, who reads it there."""

        def reset(self) -> None:
            """Start anew; on a board it does not return."""

        def restart(self, reason: str) -> None:
            """Somebody at the console asked for it; outputs are at rest.

            "console": start anew. "bare": the same, without `box.json` (`bare_file.lay_bare`).
            "prompt": return, and leave the interpreter's prompt to whoever is there.
            """


#: What the presence topic says, before the 8 bytes that are this start's own.
ONLINE = b"\1"
OFFLINE = b"\0"
_BOOT_ID_BYTES = 8


class RestartError(Exception):
    """Somebody asked the box to start anew: the reason."""


class Box:
    """`start` once, then `turn` whenever one is due."""

    def __init__(self, board: "Board", config: "BoxConfig") -> None:
        entropy = board.entropy()
        ports = board.build(config)
        check_ports(ports, board.file)
        boot_id = entropy[:_BOOT_ID_BYTES]
        login = Login(
            config.host,
            config.port,
            config.car,
            config.password,
            ONLINE + boot_id,
            OFFLINE + boot_id,
        )
        # The last four bytes of the entropy are nothing else.
        ports.centre = ports.make_centre(login, struct.unpack_from(">I", entropy, 12)[0])
        identity = Identity(config.car, config.key)
        self.ports = ports
        self._terms = config.terms
        self._settings = config.settings
        self.loop = Loop(ports, config.terms, config.settings, identity, entropy)
        self.loop.power.battery.offset_mv = ports.battery_offset_mv
        self._restarts_for = ""
        #: Where a technician's cable ends; None on a board without a place for one.
        self.door: "ConsoleDoor | None" = None
        if ports.console is not None:
            inside = ConsoleBox(self.loop, VERSION, self._restart)
            inside.has_prompt = board.has_prompt
            inside.make_own = board.own_settings
            self.door = ConsoleDoor(ports.console, inside)

    def start(self) -> None:
        """Journal and copy are opened, the session is resumed (SAFE-3), the reader fitted."""
        self.loop.start(self.ports.power_was_lost)
        self._fit_reader()

    def turn(self) -> int:
        """One turn; the tick at which the next one is needed at the latest."""
        due_ms = self.loop.turn()
        self._fit_reader()
        if self.door is not None:
            due_ms = self.door.follow(due_ms)
            if self._restarts_for:
                raise RestartError(self._restarts_for)
        return due_ms

    def _restart(self, reason: str) -> None:
        """After this turn."""
        self._restarts_for = reason

    def _fit_reader(self) -> None:
        """Terms may come from the centre at any time."""
        ports = self.ports
        ports.fit_reader(
            self._settings.has_reader, self._terms.reads_licences, ports.clock.now_ms()
        )


def run(board: "Board", config: "BoxConfig") -> None:
    """Turns for ever. An exception is a bug: outputs to safe, the reason kept, a reset.

    The journal has it as FAULT_PROGRAM_ERROR when a turn raised it. KeyboardInterrupt and the
    like leave safe outputs behind and go on to whoever wanted them. It returns only where the
    console asked for a restart and the board's own came back: the prompt.
    """
    try:
        try:
            box = Box(board, config)
            box.start()
            while True:
                board.wait(box.turn())
        finally:
            board.make_safe()
    except RestartError as error:
        board.restart(error.args[0])
    except Exception as error:  # noqa: BLE001 - whatever it is, the box starts anew
        try:
            board.keep_reason(error)
        except Exception:  # noqa: BLE001 - a reason that cannot be kept must not keep the box
            pass
        board.reset()
