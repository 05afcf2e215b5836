"""The ports: what a board offers and the firmware uses. Typing only, never imported at run time."""

from typing import Protocol

class Clock(Protocol):
    def now_ms(self) -> int:
        """Monotonic milliseconds, wrapping at 2**30 (`firmware.ticks`)."""
    def wall_s(self) -> int:
        """Wall time in whole seconds since 2020-01-01T00:00:00Z."""
    def is_trusted(self) -> bool:
        """Whether the wall time may select bookings (SAFE-4)."""
    def set_wall(self, wall_s: int) -> bool:
        """Set it to seconds since 2020; it is trusted then. False: this clock cannot be set.

        A board whose TLS reads another clock (MicroPython: the RTC) sets that one too.
        """

class DigitalIn(Protocol):
    def read(self) -> int:
        """YES, NO, UNKNOWN or STALE of `firmware.wire.codes`; polarity is folded in by the board.

        STALE: the reading comes over a bus, and the newest is too old to hold good. How old that is
        the port knows (`hal.aged_input`); a wire has no age.
        """

class DigitalOut(Protocol):
    def write(self, level: bool) -> None: ...

class AnalogIn(Protocol):
    def read_mv(self) -> int:
        """Millivolts; -1 when it cannot be told."""

class Position(Protocol):
    @property
    def antenna(self) -> int:
        """ANTENNA_* of `firmware.wire.codes`: what the receiver says of its antenna."""
    def is_valid(self) -> bool: ...
    def latitude_udeg(self) -> int: ...
    def longitude_udeg(self) -> int: ...

class PulseCounter(Protocol):
    @property
    def source(self) -> int:
        """ODOMETER_* of `firmware.wire.codes`: what is counted."""
    def metres(self) -> int:
        """Distance counted since the box was fitted; -1 when there is no counter."""

class ByteLink(Protocol):
    def any(self) -> int:
        """Bytes that `readinto` would give now."""
    def readinto(self, buffer: bytearray) -> int:
        """Take at most len(buffer) received bytes; returns how many."""
    def write(self, data: bytes | bytearray | memoryview) -> int:
        """Queue bytes for sending; returns how many were taken."""
    def set_baud(self, rate: int) -> None: ...

class CardReader(Protocol):
    @property
    def is_healthy(self) -> bool:
        """False once it is known that it does not answer; True when it does again."""
    @property
    def is_listening(self) -> bool:
        """False from its start, or a silence, until a card that lay there would have been told.

        It comes true only at a look that told no card. Whoever waits for it is to be eager.
        """
    @property
    def next_due_at_ms(self) -> int:
        """When `poll` must be called at the latest; sooner when something has come from it."""
    def poll(self, now_ms: int) -> bytes | None:
        """Do what is due; the 8-byte identifier of a card that answered since the last call.

        NO_IDENT: a card was there whose identifier changes, so that it is nobody's. One that stays
        is told again every 500 ms at least (`firmware.touch`), one that has gone is not.
        """
    def set_eager(self, eager: bool) -> None:
        """Eager: a card is expected. Calm: seldom, to save the battery, but never deaf."""

class Storage(Protocol):
    """Raw NOR flash: bits go from 1 to 0 by `program`, back to 1 by `erase` of a whole sector."""

    @property
    def sector_bytes(self) -> int: ...
    @property
    def sectors(self) -> int: ...
    def read(self, offset: int, buffer: bytearray | memoryview) -> None: ...
    def program(self, offset: int, data: bytes | bytearray | memoryview) -> None:
        """Raises OSError when the device fails. Never spans more than one sector."""
    def erase(self, sector: int) -> None: ...

class CentreLink(Protocol):
    """Frames of kb/1 to and from the centre. A frame that does not arrive is simply lost."""

    @property
    def next_due_at_ms(self) -> int:
        """When `poll` must be called at the latest."""
    def poll(self, now_ms: int, knows_date: bool = True) -> None:
        """Do what is due, without waiting. To be called in every turn.

        `knows_date`: the clock is trusted, so that a certificate's dates can be judged.
        """
    def is_online(self) -> bool: ...
    def may_connect(self) -> bool:
        """Whether it is not online, and could soon be: the network is there, the centre takes it."""
    def hurry(self) -> None:
        """Somebody waits: try to connect now, not when a wait is over."""
    def rest(self, is_resting: bool) -> None:
        """The radio may be off: end the connection and try no more, until it is to be on again.

        Nobody takes leave: the will tells the centre who is gone.
        """
    def receive(self) -> bytes | None:
        """The oldest frame that came; None when there is none."""
    def send(self, frame: bytes) -> bool:
        """False when the frame is lost at once; True promises nothing either.

        ValueError for more than FRAME_BYTES_MAX.
        """

class Network(Protocol):
    """One stream of bytes at a time to a server, with or without TLS inside. Nothing here waits.

    States and troubles are those of `firmware.wire.network_codes`.
    """

    @property
    def state(self) -> int:
        """CLOSED, OPENING or OPEN. Only a call of this port changes it."""
    @property
    def trouble(self) -> int:
        """Why the stream is CLOSED; NO_TROUBLE when nobody opened it or `close` closed it.

        While the network is out of reach it may say why (TROUBLE_NO_SUCH_NETWORK and those behind).
        """
    @property
    def is_reachable(self) -> bool:
        """False while it is known that opening is in vain: the modem is not registered.

        A modem that loses its network breaks the stream. Always True where nobody can tell.
        """
    @property
    def next_due_at_ms(self) -> int:
        """When `poll` wants to be called at the latest: a stream may have news that nobody tells."""
    def open(self, host: str, port: int, checks_dates: bool = True) -> None:
        """Begin to open; what was open before is closed.

        TLS always checks the server's certificate and name. Only its dates are passed over unless
        `checks_dates`, for a box that does not know what day it is.
        """
    def poll(self, now_ms: int) -> None:
        """Take the next step of opening, without waiting."""
    def readinto(self, buffer: bytearray) -> int:
        """Take at most len(buffer) received bytes; how many, 0 when there are none now."""
    def write(self, data: bytes | bytearray | memoryview) -> int:
        """Send; how many bytes were taken. The next call must begin with all that were not.

        TLS has begun to send them by then. ValueError for less than was refused before. May be
        called while OPENING: it takes nothing before the stream is open, and on some boards only
        taking something shows that it is.
        """
    def close(self) -> None:
        """Let go at once."""
    def rest(self, is_resting: bool) -> None:
        """Nobody needs the network: the radio may be off, until it is to be on again.

        Called with no stream open. A port that has no radio does nothing.
        """
    def hurry(self) -> None:
        """Somebody waits and it is not reachable: look for the network now, if that can be done."""

class Watchdog(Protocol):
    def feed(self) -> None: ...

class Ports(Protocol):
    @property
    def clock(self) -> Clock: ...
    @property
    def inputs(self) -> tuple[DigitalIn, ...]: ...
    @property
    def levels(self) -> tuple[DigitalOut, ...]: ...
    @property
    def pulses(self) -> tuple[DigitalOut, ...]: ...
    @property
    def pulse_ms(self) -> tuple[int, ...]: ...
    @property
    def battery(self) -> AnalogIn: ...
    @property
    def position(self) -> Position: ...
    @property
    def odometer(self) -> PulseCounter: ...
    @property
    def reader(self) -> CardReader | None: ...
    @property
    def centre(self) -> CentreLink: ...
    @property
    def journal_storage(self) -> Storage: ...
    @property
    def cache_storage(self) -> Storage: ...
    @property
    def watchdog(self) -> Watchdog: ...
