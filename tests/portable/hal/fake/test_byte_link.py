"""The link in memory: order, bounds, and that each fault switch does what it says."""

from hal.fake import byte_link
from hal.fake.byte_link import FakeByteLink


def received(link: FakeByteLink) -> bytes:
    data = b""
    chunk = bytearray(7)
    while link.any():
        count = link.readinto(chunk)
        data += bytes(chunk[:count])
    return data


def test_both_directions_in_order() -> None:
    link = FakeByteLink()
    link.put(b"abcdefghij")
    assert link.any() == 10
    assert received(link) == b"abcdefghij"
    assert link.write(b"one ") == 4
    assert link.write(bytearray(b"two")) == 3
    link.set_baud(9600)
    link.write(memoryview(b"slow"))
    assert link.take() == [(115200, b"one two"), (9600, b"slow")]
    assert link.take() == []


def test_a_full_receive_buffer_loses_the_newest() -> None:
    link = FakeByteLink()
    link.put(b"x" * byte_link.RECEIVE_BYTES_MAX)
    link.put(b"yz")
    assert link.overrun_bytes == 2
    assert received(link) == b"x" * byte_link.RECEIVE_BYTES_MAX


def test_a_full_transmit_buffer_takes_less() -> None:
    link = FakeByteLink()
    assert link.write(bytes(byte_link.SEND_BYTES_MAX - 1)) == byte_link.SEND_BYTES_MAX - 1
    assert link.write(b"ab") == 1
    link.take()
    assert link.write(b"ab") == 2


def test_another_rate_is_garbage() -> None:
    link = FakeByteLink()
    link.put(b"\x55" * 100, 57600)
    data = received(link)
    assert len(data) == 200
    assert data.count(b"\x55") < 20


def test_a_cut_line_passes_nothing() -> None:
    link = FakeByteLink()
    link.is_cut = True
    link.put(b"abc")
    assert link.write(b"abc") == 3
    assert link.any() == 0
    assert link.take() == []


def through(link: FakeByteLink) -> "list[tuple[int, int]]":
    """3,000 bytes 00 through each direction: how many came out, and how many not 00."""
    came = [0, 0]
    changed = [0, 0]
    for _ in range(30):
        link.put(bytes(100))
        link.write(bytes(100))
        outputs = (received(link), link.take()[0][1])
        for side in range(2):
            came[side] += len(outputs[side])
            changed[side] += len(outputs[side]) - outputs[side].count(b"\x00")
    return [(came[side], changed[side]) for side in range(2)]


def test_rates_of_loss_turned_bits_and_insertions() -> None:
    """Each switch alone, at 10 %, in 3,000 bytes either way: 300, give or take five sigma."""
    for switch in ("drop_per_10k", "flip_per_10k", "insert_per_10k"):
        link = FakeByteLink(seed=7)
        setattr(link, switch, 1000)
        for came, changed in through(link):
            if switch == "drop_per_10k":
                assert 220 < 3000 - came < 380
                assert changed == 0
            elif switch == "flip_per_10k":
                assert came == 3000
                assert 220 < changed < 380
            else:
                assert 220 < came - 3000 < 380
                assert changed > 200


def test_a_turned_bit_is_one_bit() -> None:
    link = FakeByteLink(seed=7)
    link.flip_per_10k = 10000
    link.put(bytes(200))
    turned = received(link)
    assert sorted(set(turned)) == [1, 2, 4, 8, 16, 32, 64, 128]


def test_the_same_seed_gives_the_same_faults() -> None:
    results = []
    for seed in (3, 3, 4):
        link = FakeByteLink(seed)
        link.flip_per_10k = 1000
        link.put(bytes(200))
        results.append(received(link))
    assert results[0] == results[1] != results[2]
