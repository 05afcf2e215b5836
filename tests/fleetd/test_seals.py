"""The daemon's tags are the wire's own."""

from hypothesis import given
from hypothesis import strategies as st

from firmware.wire import frames
from fleetd import seals

CAR = bytes.fromhex("4b4700000001")
keys = st.binary(min_size=32, max_size=32)
bodies = st.binary(max_size=frames.BODY_BYTES_MAX)


@given(keys, st.sampled_from((frames.UP, frames.DOWN)), st.integers(0, 255), bodies)
def test_both_make_the_same_frame_and_open_each_others(
    key: bytes, direction: int, kind: int, body: bytes
) -> None:
    found = seals.direction_key(key, direction)
    assert found == frames.direction_key(key, direction)
    frame = seals.pack_frame(found, CAR, kind, body)
    assert frame == frames.pack_frame(found, CAR, kind, body)
    assert seals.open_frame((bytes(32), found), CAR, frame) == (kind, body)
    assert frames.open_frame((found,), CAR, frame) == (kind, body)


@given(keys, st.binary(max_size=200), st.data())
def test_what_one_does_not_open_the_other_does_not(
    key: bytes, body: bytes, data: st.DataObject
) -> None:
    frame = bytearray(frames.pack_frame(key, CAR, 2, body))
    frame[data.draw(st.integers(0, len(frame) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    cut = bytes(frame[: data.draw(st.integers(0, len(frame)))])
    for sealed in (bytes(frame), cut, cut + b"\0"):
        assert seals.open_frame((key,), CAR, sealed) is None
        assert frames.open_frame((key,), CAR, sealed) is None


@given(keys, bodies)
def test_a_frame_of_another_car_or_under_another_key_does_not_open(key: bytes, body: bytes) -> None:
    frame = seals.pack_frame(key, CAR, 1, body)
    assert seals.open_frame((key,), bytes(6), frame) is None
    assert seals.open_frame((bytes(32),), CAR, frame) is None or key == bytes(32)
