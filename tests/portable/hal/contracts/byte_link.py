"""Serial lines. `make()` gives (a `ByteLink` at 115200, `put(data)`, `take() -> bytes`).

`put` returns when the port has the bytes, or has lost what does not fit; `take` gives all that
the port has sent since the last call.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from hal.api import ByteLink

    Make = Callable[[], tuple[ByteLink, Callable[[bytes], None], Callable[[], bytes]]]


def _read(link: "ByteLink", most: int) -> bytes:
    buffer = bytearray(most)
    count = link.readinto(buffer)
    return bytes(buffer[:count])


def check_nothing_is_nothing(make: "Make") -> None:
    """And nobody waits for it."""
    link, _, take = make()
    assert link.any() == 0
    buffer = bytearray(b"untouched")
    assert link.readinto(buffer) == 0
    assert bytes(buffer) == b"untouched"
    assert take() == b""


def check_bytes_arrive_in_order(make: "Make") -> None:
    link, put, _ = make()
    put(bytes(range(1, 40)))
    put(b"\0\xff\x11\x13\x03\n\r")  # what a terminal would take for itself
    assert link.any() == 46
    assert _read(link, 10) == bytes(range(1, 11))
    assert link.any() == 36
    assert _read(link, 100) == bytes(range(11, 40)) + b"\0\xff\x11\x13\x03\n\r"
    assert link.any() == 0


def check_bytes_go_in_order(make: "Make") -> None:
    link, _, take = make()
    data = b"\0\0\xff\x02\xfe\xd4\x02\x2a\0" + bytes(range(64))
    assert link.write(data[:9]) == 9
    assert link.write(memoryview(data)[9:]) == 64
    assert take() == data
    assert link.write(b"") == 0


def check_a_burst_of_a_frame_fits(make: "Make") -> None:
    """The longest that a card reader says at once, unread: 64 bytes twice."""
    link, put, _ = make()
    put(bytes(range(128)))
    assert _read(link, 128) == bytes(range(128))


def check_another_rate_and_back(make: "Make") -> None:
    link, put, take = make()
    link.set_baud(921600)
    link.set_baud(115200)
    put(b"heard")
    assert _read(link, 10) == b"heard"
    link.write(b"said")
    assert take() == b"said"


ALL = (
    check_nothing_is_nothing,
    check_bytes_arrive_in_order,
    check_bytes_go_in_order,
    check_a_burst_of_a_frame_fits,
    check_another_rate_and_back,
)
