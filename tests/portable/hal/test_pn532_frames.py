"""Frames in a stream: found whole, in pieces, behind garbage; never invented."""

from hal import pn532_frames as frames
from hal.fake.byte_link import FakeByteLink
from tests.portable.hal.pn532_script import ACK, ERROR, NACK, NO_CARD, card, constants, frame


def kinds_of(data: bytes, chunk_bytes: int = 256) -> "list[int]":
    """What a reader finds in `data` that comes in chunks."""
    link = FakeByteLink()
    reader = frames.FrameReader()
    found = []
    for start in range(0, len(data), chunk_bytes):
        link.put(data[start : start + chunk_bytes])
        while link.any():
            reader.fill(link)
            kind = reader.next()
            while kind != frames.NOTHING:
                found.append(kind)
                kind = reader.next()
    return found


def test_constants_are_the_frames_of_the_manual() -> None:
    for ours, theirs in constants():
        assert ours == theirs, ours.hex()


def test_each_kind_of_frame() -> None:
    assert kinds_of(ACK) == [frames.IS_ACK]
    assert kinds_of(NACK) == [frames.IS_NACK]
    assert kinds_of(ERROR) == [frames.IS_ERROR]
    assert kinds_of(NO_CARD) == [frames.IS_ANSWER]
    assert kinds_of(card()) == [frames.IS_ANSWER]


def test_frames_in_chunks_of_any_size() -> None:
    stream = ACK + card() + ACK + NO_CARD + ERROR
    expected = [frames.IS_ACK, frames.IS_ANSWER] * 2 + [frames.IS_ERROR]
    for chunk_bytes in range(1, len(stream) + 1):
        assert kinds_of(stream, chunk_bytes) == expected, chunk_bytes


def test_a_long_stream_passes_through_the_bounded_buffer() -> None:
    stream = (card() + b"\x00\xff\x12") * 40
    for chunk_bytes in (256, 31, 17):
        assert kinds_of(stream, chunk_bytes) == [frames.IS_ANSWER] * 40, chunk_bytes


def test_a_frame_is_whole_before_its_last_zero() -> None:
    assert kinds_of(ACK[:-1]) == [frames.IS_ACK]
    assert kinds_of(card()[:-1]) == [frames.IS_ANSWER]
    assert kinds_of(card()[:-2]) == []


def test_a_frame_behind_garbage_is_found() -> None:
    beginnings = (
        "aa",
        "00",
        "0000",
        "ff",
        "00ff",
        "0000ff",
        "0000ff18e8",
        "0000ff03fdd5",
        "0000ff00",
    )
    for garbage in beginnings:
        # A second frame follows: the first may be needed to end what the garbage began.
        found = kinds_of(bytes.fromhex(garbage) + card() + card())
        assert found[-2:] == [frames.IS_ANSWER, frames.IS_ANSWER], garbage


def test_a_wrong_contents_sum_is_damage_and_a_wrong_length_sum_is_noise() -> None:
    good = card()
    for index in range(len(good) - 1):
        bad = bytearray(good)
        bad[index] ^= 0x10
        found = kinds_of(bytes(bad) + ACK)
        assert found[-1] == frames.IS_ACK, index
        assert found[:-1] == ([frames.IS_DAMAGED] if index >= 5 else []), index


def test_frames_that_are_not_from_the_chip_are_noise() -> None:
    assert kinds_of(frame(b"\xd4\x4a\x01")) == []
    assert kinds_of(frame(b"\xd5")) == []
    assert kinds_of(frame(b"\x7f\x00")) == []


def test_length_bounds() -> None:
    longest = frame(b"\xd5\x01" + bytes(frames.BODY_BYTES_MAX - 2))
    too_long = frame(b"\xd5\x01" + bytes(frames.BODY_BYTES_MAX - 1))
    assert kinds_of(longest) == [frames.IS_ANSWER]
    assert kinds_of(too_long + ACK) == [frames.IS_ACK]


def test_noise_is_counted_and_padding_is_not() -> None:
    link = FakeByteLink()
    reader = frames.FrameReader()
    link.put(b"\x00\x00\x00" + ACK + b"\x00")
    reader.fill(link)
    assert reader.next() == frames.IS_ACK
    assert reader.next() == frames.NOTHING
    assert reader.noise_bytes == 0
    link.put(b"\x12\x00\x34\x00\x00\x00")
    reader.fill(link)
    assert reader.next() == frames.NOTHING
    assert reader.noise_bytes == 2
    assert not reader.is_within_frame()
    link.put(b"\xff")
    reader.fill(link)
    assert reader.next() == frames.NOTHING
    assert reader.is_within_frame()


def test_system_code_in_a_poll() -> None:
    assert frames.with_system_code(frames.FELICA_212, 0xFFFF) == frames.FELICA_212
    polled = frames.with_system_code(frames.FELICA_212, 0xFE00)
    assert polled.hex() == "0000ff09f7d44a010100fe000100e100"
    assert sum(polled[5:15]) & 0xFF == 0
    assert frames.with_system_code(frames.FELICA_212, 0)[10:12] == bytes(2)
    for wrong in (-1, 0x10000):
        try:
            frames.with_system_code(frames.FELICA_212, wrong)
        except ValueError:
            continue
        raise AssertionError(wrong)
