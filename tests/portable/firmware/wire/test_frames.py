"""Frames and topics: equal to the golden vectors, and nothing else opens."""

from binascii import hexlify, unhexlify

from firmware.wire import frames, kb1
from tests.portable.firmware.wire.golden import CAR, KEYS, VECTORS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

DOWN = KEYS["down"]
BODY = b"body of a frame"


def refuses(call: "Callable[..., object]", *arguments: object) -> bool:
    try:
        call(*arguments)
    except ValueError:
        return True
    return False


def test_keys_of_both_directions_are_the_golden_ones() -> None:
    car_key = unhexlify(VECTORS["car_key"])
    assert frames.direction_key(car_key, frames.UP) == KEYS["up"]
    assert frames.direction_key(car_key, frames.DOWN) == KEYS["down"]


def test_a_key_of_another_length_is_refused() -> None:
    assert refuses(frames.direction_key, bytes(31), frames.UP)
    assert refuses(frames.direction_key, bytes(33), frames.UP)


def test_golden_frames_are_packed_byte_for_byte() -> None:
    for golden in VECTORS["frames"]:
        key = KEYS[golden["direction"]]
        frame = frames.pack_frame(key, CAR, golden["kind"], unhexlify(golden["body"]))
        assert frame == unhexlify(golden["frame"]), golden["name"]


def test_golden_frames_open() -> None:
    for golden in VECTORS["frames"]:
        key = KEYS[golden["direction"]]
        opened = frames.open_frame((key,), CAR, unhexlify(golden["frame"]))
        assert opened == (golden["kind"], unhexlify(golden["body"])), golden["name"]


def test_every_kind_has_a_golden_frame() -> None:
    kinds = sorted({golden["kind"] for golden in VECTORS["frames"]})
    assert kinds == [kb1.HELLO, kb1.EVENTS, kb1.RESULT, kb1.NACK, kb1.TELEMETRY, 16, 17, 18, 19, 20]


def test_rejected_frames_do_not_open() -> None:
    """Foreign, of the other direction, of another version, too long, cut, or with a wrong tag."""
    assert len(VECTORS["rejected"]) > 10
    for golden in VECTORS["rejected"]:
        frame = unhexlify(golden["frame"])
        assert frames.open_frame((DOWN,), CAR, frame) is None, golden["why"]


def test_a_flip_of_any_bit_closes_every_golden_frame() -> None:
    for golden in VECTORS["frames"]:
        keys = (KEYS[golden["direction"]],)
        frame = bytearray(unhexlify(golden["frame"]))
        for at in range(len(frame)):
            bit = 1 << (at & 7)
            frame[at] ^= bit
            assert frames.open_frame(keys, CAR, bytes(frame)) is None, (golden["name"], at)
            frame[at] ^= bit
        assert frames.open_frame(keys, CAR, bytes(frame)) is not None


def test_either_key_slot_opens() -> None:
    """While a key is changed both the old one and the new one count."""
    old, new, other = DOWN, KEYS["other_up"], KEYS["up"]
    by_old = frames.pack_frame(old, CAR, 17, BODY)
    by_new = frames.pack_frame(new, CAR, 17, BODY)
    for frame in (by_old, by_new):
        assert frames.open_frame((old, new), CAR, frame) == (17, BODY)
        assert frames.open_frame((new, old), CAR, frame) == (17, BODY)
        assert frames.open_frame((other,), CAR, frame) is None
        assert frames.open_frame((), CAR, frame) is None


def test_the_longest_frame_and_one_byte_more() -> None:
    longest = frames.pack_frame(DOWN, CAR, 20, bytes(frames.BODY_BYTES_MAX))
    assert len(longest) == frames.FRAME_BYTES_MAX == 1024
    assert frames.open_frame((DOWN,), CAR, longest) == (20, bytes(1004))
    assert refuses(frames.pack_frame, DOWN, CAR, 20, bytes(1005))


def test_an_empty_body_is_a_frame() -> None:
    frame = frames.pack_frame(DOWN, CAR, 255, b"")
    assert len(frame) == 20
    assert frames.open_frame((DOWN,), CAR, frame) == (255, b"")


def test_senseless_arguments_are_refused() -> None:
    assert refuses(frames.pack_frame, DOWN, CAR[:5], 1, b"")
    assert refuses(frames.pack_frame, DOWN, CAR, 256, b"")
    assert refuses(frames.pack_frame, DOWN, CAR, -1, b"")


def test_a_car_of_another_length_opens_nothing() -> None:
    """Else bytes could move from the head to the car without the tag noticing."""
    message = b"\1\1\0\0"
    for car in (CAR + b"\1", CAR[:5]):
        frame = message + frames.hmac_sha256(DOWN, car + message)[:16]
        assert frames.open_frame((DOWN,), car, frame) is None


def test_a_frame_may_lie_in_any_kind_of_bytes() -> None:
    frame = frames.pack_frame(DOWN, CAR, 17, BODY)
    for same in (bytearray(frame), memoryview(frame)):
        opened = frames.open_frame((DOWN,), CAR, same)  # type: ignore[arg-type]
        assert opened == (17, BODY)
        assert opened is not None
        assert isinstance(opened[1], bytes)


def test_hmac_is_that_of_rfc_4231() -> None:
    """Cases 1, 2, 3 and 6 (a key longer than the hash's block) of the RFC."""
    cases = (
        (b"\x0b" * 20, b"Hi There", "b0344c61d8db38535ca8afceaf0bf12b"),
        (b"Jefe", b"what do ya want for nothing?", "5bdcc146bf60754e6a042426089575c7"),
        (b"\xaa" * 20, b"\xdd" * 50, "773ea91e36800e46854db8ebd09181a7"),
        (
            b"\xaa" * 131,
            b"Test Using Larger Than Block-Size Key - Hash Key First",
            "60e431591ee0b67f0d8a26aacbf5b77f",
        ),
    )
    for key, data, first_half in cases:
        assert hexlify(frames.hmac_sha256(key, data)[:16]).decode() == first_half


def test_comparison_sees_every_byte() -> None:
    tag = bytes(range(16))
    assert frames.equal_constant_time(tag, bytes(range(16)))
    assert frames.equal_constant_time(b"", b"")
    assert not frames.equal_constant_time(tag, tag[:15])
    assert not frames.equal_constant_time(tag[:15], tag)
    for at in range(16):
        other = bytearray(tag)
        other[at] ^= 0x80
        assert not frames.equal_constant_time(tag, bytes(other))


def test_topics_are_the_golden_ones() -> None:
    car_hex = VECTORS["car"]
    assert frames.down_topic(car_hex) == VECTORS["topics"]["down"]
    assert frames.up_topic(car_hex) == VECTORS["topics"]["up"]
    assert frames.presence_topic(car_hex) == VECTORS["topics"]["presence"]


def test_shards_are_the_golden_ones() -> None:
    for car_hex, shard in VECTORS["shards"]:
        assert frames.shard_of(frames.car_from_hex(car_hex)) == shard


def test_a_car_is_twelve_lower_case_digits() -> None:
    assert frames.car_from_hex("0123456789ab") == b"\x01\x23\x45\x67\x89\xab"
    for wrong in ("", "0123456789a", "0123456789abc", "0123456789AB", "0123456789a/", "+" * 12):
        assert refuses(frames.car_from_hex, wrong), wrong
        assert refuses(frames.up_topic, wrong), wrong
