"""TCP ports for processes that start later, and start again on the same port."""

import random
import socket

from simulator.desk.feed import HOST

#: Linux gives 32768 and above to whoever connects or asks for any port: one from there may be gone
#: before the process that it is meant for has started. Nobody is given one from below.
_FIRST, _LAST = 10_000, 32_767
_TRIES_MAX = 100
#: Of the system: whoever seeds Python's own must not get another process's numbers.
_CHANCE = random.SystemRandom()
#: What this process was given: whom it is for need not have taken it yet.
_given: set[int] = set()


def claim(port: int) -> int:
    """That port, if it is free just now; 0: a free one. OSError when it cannot be had."""
    return _try(port) if port else free_port()


def free_port() -> int:
    """A port that nobody has and that the kernel gives to nobody; OSError when none is found."""
    for _ in range(_TRIES_MAX):
        port = _CHANCE.randint(_FIRST, _LAST)
        if port in _given:
            continue
        try:
            _try(port)
        except OSError:
            continue
        _given.add(port)
        return port
    raise OSError(f"no free port found between {_FIRST} and {_LAST}")


def _try(port: int) -> int:
    socket.create_server((HOST, port)).close()
    return port
