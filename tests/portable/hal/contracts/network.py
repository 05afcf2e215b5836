"""A stream. `make()` gives (a `Network`, a `Far` end, which waits for it at `host` and `port`)."""

from firmware.ticks import FAR_MS, ticks_diff
from firmware.wire.network_codes import (
    CLOSED,
    NO_TROUBLE,
    OPEN,
    OPENING,
    TROUBLE_BROKEN,
    TROUBLE_ENDED,
    TROUBLE_UNREACHABLE,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Protocol

    from hal.api import Network

    class Far(Protocol):
        """The server, and whoever cuts its line."""

        host: str
        port: int

        def put(self, data: bytes) -> None: ...
        def take(self) -> bytes:
            """What has come and was not taken yet."""

        def end(self) -> None:
            """It closes the stream; what it put before still arrives."""

        def cut(self) -> None:
            """The stream breaks."""

        def go(self) -> None:
            """Nobody is at that port any more."""

    Make = Callable[[], tuple[Network, Far]]

_NOW_MS = 2**30 - 5
#: On this machine each of these things takes a few looks.
_LOOKS_MAX = 1_000_000


def _look_until(network: "Network", state: int) -> None:
    buffer = bytearray(1)
    for _ in range(_LOOKS_MAX):
        network.poll(_NOW_MS)
        if network.state == OPEN and state == CLOSED:
            assert network.readinto(buffer) == 0
        if network.state == state:
            return
    raise AssertionError("state %d, trouble %d" % (network.state, network.trouble))


def _opened(make: "Make") -> "tuple[Network, Far]":
    network, far = make()
    network.open(far.host, far.port)
    _look_until(network, OPEN)
    return network, far


def _read(network: "Network", count: int) -> bytes:
    found, buffer = b"", bytearray(7)
    for _ in range(_LOOKS_MAX):
        network.poll(_NOW_MS)
        found += bytes(buffer[: network.readinto(buffer)])
        if len(found) >= count:
            return found
    raise AssertionError(found)


def _taken(far: "Far", count: int) -> bytes:
    found = b""
    for _ in range(_LOOKS_MAX):
        found += far.take()
        if len(found) >= count:
            return found
    raise AssertionError(len(found))


def check_closed_at_first(make: "Make") -> None:
    network, _ = make()
    network.poll(_NOW_MS)
    assert (network.state, network.trouble, network.is_reachable) == (CLOSED, NO_TROUBLE, True)
    assert network.write(b"x") == 0
    assert network.readinto(bytearray(1)) == 0
    assert ticks_diff(network.next_due_at_ms, _NOW_MS) == FAR_MS


def check_it_opens_from_poll_to_poll(make: "Make") -> None:
    network, far = make()
    network.open(far.host, far.port)
    assert (network.state, network.trouble) == (OPENING, NO_TROUBLE)
    assert network.write(b"x") == 0
    assert ticks_diff(network.next_due_at_ms, _NOW_MS) < FAR_MS
    _look_until(network, OPEN)
    assert network.trouble == NO_TROUBLE
    network.close()


def check_bytes_in_order_both_ways(make: "Make") -> None:
    network, far = _opened(make)
    assert network.readinto(bytearray(5)) == 0
    assert network.state == OPEN
    assert network.write(b"hello ") == 6
    assert network.write(memoryview(bytearray(b"--centre"))[2:]) == 6
    assert _taken(far, 12) == b"hello centre"
    far.put(b"hello ")
    far.put(b"box, and more")
    assert _read(network, 19) == b"hello box, and more"
    network.close()


def _piece(position: int, count: int = 10_000) -> bytes:
    """Of a stream without end in which each place shows where it is."""
    start = position % 251
    return (bytes(range(251)) * (count // 251 + 2))[start : start + count]


def check_what_is_not_taken_is_given_again(make: "Make") -> None:
    """A server that reads late: no byte is lost, none comes twice, and nobody waits."""
    network, far = _opened(make)
    sent = got = 0
    count = 1
    while count:  # until nothing more is taken, however much that is
        count = network.write(_piece(sent))
        sent += count
    refused = _piece(sent)
    try:
        network.write(refused[:-1])
    except ValueError:
        pass
    else:
        raise AssertionError("less than was refused")
    ends = sent + len(refused)
    for _ in range(_LOOKS_MAX):
        found = far.take()
        assert found == _piece(got, len(found))
        got += len(found)
        if sent < ends:
            sent += network.write(_piece(sent, ends - sent))
        elif got == ends:
            break
    assert (sent, got) == (ends, ends)
    network.close()


def check_what_was_sent_before_the_end_arrives(make: "Make") -> None:
    network, far = _opened(make)
    far.put(b"the last words")
    far.end()
    assert _read(network, 14) == b"the last words"
    _look_until(network, CLOSED)
    assert network.trouble == TROUBLE_ENDED
    assert network.write(b"x") == 0
    network.close()
    assert (network.state, network.trouble) == (CLOSED, NO_TROUBLE)


def check_a_broken_stream(make: "Make") -> None:
    network, far = _opened(make)
    far.cut()
    _look_until(network, CLOSED)
    assert network.trouble == TROUBLE_BROKEN


def check_nobody_there(make: "Make") -> None:
    network, far = make()
    far.go()
    network.open(far.host, far.port)
    _look_until(network, CLOSED)
    assert network.trouble == TROUBLE_UNREACHABLE
    assert ticks_diff(network.next_due_at_ms, _NOW_MS) == FAR_MS


def check_closed_and_opened_again(make: "Make") -> None:
    """Nothing of the stream before comes into the next; nor does its trouble."""
    network, far = _opened(make)
    far.put(b"too late")
    network.close()
    assert (network.state, network.trouble) == (CLOSED, NO_TROUBLE)
    assert network.readinto(bytearray(10)) == 0
    far.end()
    for ends in (True, False):
        network.open(far.host, far.port)
        assert (network.state, network.trouble) == (OPENING, NO_TROUBLE)
        _look_until(network, OPEN)
        far.put(b"new")
        assert _read(network, 3) == b"new"
        if ends:
            far.end()
            _look_until(network, CLOSED)
            assert network.trouble == TROUBLE_ENDED
    network.close()


def check_wishes_change_no_stream(make: "Make") -> None:
    network, far = make()
    network.rest(True)
    network.poll(_NOW_MS)
    network.rest(False)
    network.hurry()
    network.open(far.host, far.port)
    _look_until(network, OPEN)
    network.hurry()
    assert network.state == OPEN
    network.close()


ALL = (
    check_closed_at_first,
    check_it_opens_from_poll_to_poll,
    check_bytes_in_order_both_ways,
    check_what_is_not_taken_is_given_again,
    check_what_was_sent_before_the_end_arrives,
    check_a_broken_stream,
    check_nobody_there,
    check_closed_and_opened_again,
    check_wishes_change_no_stream,
)
