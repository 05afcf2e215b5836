"""The ring of frames: order, erase-ahead, torn and foreign contents."""

from firmware.compat import IS_MICROPYTHON
from firmware.ring import Ring
from firmware.ring_cursor import Cursor
from firmware.ring_sectors import BODY, FRAME_BYTES, PAGE_BYTES
from hal.fake.flash import Flash, PowerCut

COUNT = 4
#: Seven such frames fill a sector.
BIG = 560
#: Written to a worn ring; fewer laps of it where the interpreter is a tenth as fast.
FRAMES = 120 if IS_MICROPYTHON else 200


def ring_on(flash: Flash) -> Ring:
    ring = Ring(flash, 1, COUNT, 9, bytearray(PAGE_BYTES))
    ring.open(-1)
    if ring.instance < 0:
        ring.begin(0xFEDCBA98)
    return ring


def prepared(ready: int = 2, sector_bytes: int = 4096) -> "tuple[Flash, Ring]":
    flash = Flash(sectors=COUNT + 2, sector_bytes=sector_bytes)
    ring = ring_on(flash)
    for _ in range(ready):
        assert ring.prepare()
    return flash, ring


def bodies(ring: Ring) -> "list[bytes]":
    cursor = Cursor()
    found = []
    while ring.advance(cursor):
        body = bytearray(cursor.length)
        ring.read(cursor, 0, body)
        found.append(bytes((cursor.kind,)) + body)
    return found


def body(number: int, length: int = BIG) -> bytes:
    return bytes(((number * 7 + index) & 0xFF) for index in range(length))


def append(ring: Ring, number: int, length: int = BIG) -> bool:
    whole = body(number, length)
    return ring.append(3, [whole[:5], b"", whole[5:]])


def expected(first: int, last: int) -> "list[bytes]":
    return [b"\3" + body(number) for number in range(first, last)]


def test_frames_come_back_in_order_here_and_after_opening() -> None:
    flash, ring = prepared()
    for number in range(14):
        assert append(ring, number)
    assert (ring.oldest, ring.head, ring.ready) == (0, 1, 0)
    assert bodies(ring) == expected(0, 14)
    again = ring_on(flash)
    assert again.instance == 0xFEDCBA98
    assert bodies(again) == expected(0, 14)
    assert (again.oldest, again.head, again.ready, ring.end) == (0, 1, 0, 4008)
    assert again.end == 4096, "a cut may have begun something behind the last frame"


def test_nothing_is_erased_but_by_prepare_and_nothing_outside_the_ring() -> None:
    flash, ring = prepared(1)
    for number in range(7):
        assert append(ring, number)
    assert not append(ring, 7)
    assert sum(flash.erases) == 1
    assert ring.prepare()
    assert append(ring, 7)
    assert flash.erases == [0, 1, 1, 0, 0, 0]
    assert flash.contents[:4096] == b"\xff" * 4096


def test_the_oldest_sector_is_erased_only_when_released() -> None:
    flash, ring = prepared(4)
    for number in range(28):
        assert append(ring, number)
    assert not ring.can_prepare()
    assert not ring.prepare()
    ring.release(1)
    assert bodies(ring) == expected(7, 28)
    assert ring.free_sectors() == 1
    assert ring.prepare()
    for number in range(28, 35):
        assert append(ring, number)
    assert bodies(ring) == expected(7, 35)
    assert bodies(ring_on(flash)) == expected(7, 35)
    ring.release(99)
    assert ring.oldest == ring.head == 4


def test_many_laps() -> None:
    flash, ring = prepared()
    for number in range(400):
        if not ring.ready:
            ring.release(ring.oldest + 1)
            assert ring.prepare()
        assert append(ring, number & 0xFF, 300 + number % 400)
        if number % 37 == 0:
            ring = ring_on(flash)
    assert max(flash.erases) - min(flash.erases[1:-1]) <= 1


def test_a_cursor_goes_on_when_more_is_appended_and_when_its_sector_is_gone() -> None:
    _, ring = prepared()
    cursor = Cursor()
    assert not ring.advance(cursor)
    for number in range(2):
        append(ring, number)
        assert ring.advance(cursor)
        assert not ring.advance(cursor)
    for number in range(2, 9):
        append(ring, number)
    ring.release(1)
    assert ring.advance(cursor)
    assert (cursor.sector, cursor.at) == (1, BODY)


def test_a_cursor_at_the_end_touches_no_storage() -> None:
    flash, ring = prepared()
    cursor = Cursor()
    for number in range(9):
        append(ring, number)
        assert ring.advance(cursor)
    assert (cursor.sector, cursor.next_at) == (1, ring.end)
    flash.is_dead = True
    assert not ring.advance(cursor)


def test_a_torn_frame_is_passed_over_and_never_written_upon() -> None:
    for seed in range(40):
        flash, ring = prepared()
        flash.random(1 + seed)
        assert append(ring, 0)
        flash._random = seed
        flash.cut_after = seed % 3
        try:
            append(ring, 1)
            raise AssertionError("no cut")
        except PowerCut:
            flash.restore_power()
        torn_at = BODY + FRAME_BYTES + BIG
        is_clean = flash.contents[4096 + torn_at : 8192] == b"\xff" * (4096 - torn_at)
        again = ring_on(flash)
        whole = len(bodies(again))
        assert whole in (1, 2)
        assert append(again, whole)
        assert bodies(again) == expected(0, whole + 1)
        assert (again.head == 0) == (is_clean or whole == 2)


def test_a_torn_first_frame_uses_no_sector_up() -> None:
    flash, ring = prepared()
    for number in range(7):
        append(ring, number)
    for _ in range(30):
        flash.cut_after = 1 + (ring._fill_from >= 0)  # in its second page
        try:
            append(ring, 7)
        except PowerCut:
            flash.restore_power()
        ring = ring_on(flash)
        assert bodies(ring)[:7] == expected(0, 7)
        assert ring.head == 0
        while ring.ready < 2:
            assert ring.prepare()
        assert not ring.is_damaged
    assert append(ring, 7)
    assert bodies(ring_on(flash)) == expected(0, 8)


def test_a_torn_erase_is_erased_again_before_use() -> None:
    flash, ring = prepared(4)
    for number in range(28):
        append(ring, number)
    ring.release(1)
    image = bytes(flash.contents)
    for seed in range(40):
        flash.contents[:] = image
        flash._random = seed
        flash.cut_after = seed % 2
        try:
            ring.prepare()
            raise AssertionError("no cut")
        except PowerCut:
            flash.restore_power()
        again = ring_on(flash)
        assert bodies(again)[-21:] == expected(7, 28)
        again.release(1)
        if not again.ready:
            erases = flash.erases[1]
            assert again.prepare()
            assert flash.erases[1] == erases + 1
        assert append(again, 28)
        assert bodies(ring_on(flash)) == expected(7, 29)


def test_a_failed_append_leaves_no_frame_and_the_next_one_goes_elsewhere() -> None:
    for seed in range(40):
        flash, ring = prepared()
        append(ring, 0)
        flash._random = seed
        flash.fail_next(1 + seed % 4)
        done = append(ring, 1)
        flash.fail_next(0)
        assert bodies(ring) == expected(0, 2 if done else 1)
        assert append(ring, 2)
        assert ring.head == (0 if done else 1)
        assert bodies(ring_on(flash)) == bodies(ring)


def test_any_one_wrong_bit_is_mended_and_two_cost_one_frame() -> None:
    flash, ring = prepared(2, 512)
    for number in range(3):
        append(ring, number, 20)
    whole = bodies(ring)
    at = 512 + BODY
    for offset in range(512, at + 3 * 28 + 8):
        flash.flip(offset, offset & 7)
        again = ring_on(flash)
        assert bodies(again) == whole
        assert again.mended == (1 if at <= offset < at + 84 else 0)
        flash.flip(offset, (offset + 3) & 7)
        lost = (offset - at) // 28 if at <= offset < at + 84 else 3
        found = bodies(ring_on(flash))
        assert found == [frame for index, frame in enumerate(whole) if index != lost]
        flash.flip(offset, offset & 7)
        flash.flip(offset, (offset + 3) & 7)


def test_a_frame_inside_a_frame_or_of_an_older_lap_is_none() -> None:
    flash, ring = prepared()
    append(ring, 1, 40)
    inner = bytes(flash.contents[4096 + BODY : 4096 + BODY + 48])
    assert ring.append(3, [inner])
    flash.flip(4096 + BODY + 48, 1)
    flash.flip(4096 + BODY + 48, 2)
    assert bodies(ring_on(flash)) == [b"\3" + body(1, 40)]


def test_a_sector_of_an_older_lap_is_not_part_of_the_ring() -> None:
    flash, ring = prepared()
    append(ring, 0)
    older = bytes(flash.contents[4096:8192])
    for number in range(1, 7 * 6):
        if not ring.ready:
            if not ring.can_prepare():
                ring.release(ring.oldest + 1)
            assert ring.prepare()
        append(ring, number)
    assert (ring.oldest, ring.head) == (3, 5)
    flash.contents[4096:8192] = older
    again = ring_on(flash)
    assert (again.oldest, again.head) == (3, 5)
    assert bodies(again) == expected(21, 28) + expected(35, 42)


def test_other_instances_roles_and_versions() -> None:
    flash, ring = prepared()
    append(ring, 0)
    other = Ring(flash, 1, COUNT, 9, bytearray(PAGE_BYTES))
    other.open(5)
    assert (other.instance, other.head, other.is_newer) == (-1, -1, False)
    other = Ring(flash, 1, COUNT, 8, bytearray(PAGE_BYTES))
    other.open(-1)
    assert (other.instance, other.is_newer, other.is_foreign) == (-1, False, True)
    other = Ring(flash, 1, COUNT, 9, bytearray(PAGE_BYTES), 77)
    other.open(-1)
    assert (other.instance, other.is_foreign) == (0xFEDCBA98, False), "what nobody owns is free"


def test_what_another_owner_wrote_is_told_from_damage() -> None:
    flash = Flash(sectors=COUNT + 2)
    ring = Ring(flash, 1, COUNT, 9, bytearray(PAGE_BYTES), 77)
    ring.begin(5)
    assert ring.prepare() and append(ring, 1)
    for owner, instance, is_foreign in (
        (78, -1, True),
        (0, -1, True),
        (77, 5, False),
        (-1, 5, False),
    ):
        other = Ring(flash, 1, COUNT, 9, bytearray(PAGE_BYTES), owner)
        other.open(-1)
        assert (other.instance, other.is_foreign) == (instance, is_foreign), owner
    for bit in range(128):  # one copy of the header is enough to tell
        flash.flip(4096 + bit // 8, bit & 7)
        again = Ring(flash, 1, COUNT, 9, bytearray(PAGE_BYTES), 77)
        again.open(-1)
        assert (again.instance, again.is_foreign, again.is_newer) == (5, False, False)
        flash.flip(4096 + bit // 8, bit & 7)


class WornFlash(Flash):
    """Sectors in `worn` erase, and never program; those in `stuck` do not even erase."""

    worn = b""
    stuck = b""
    says_so = False

    def _is_bad(self, sector: int) -> bool:
        if sector in self.worn or sector in self.stuck:
            if self.says_so:
                raise OSError(5)
            return True
        return False

    def program(self, offset: int, data: "bytes | bytearray | memoryview") -> None:
        if not self._is_bad(offset // self.sector_bytes):
            Flash.program(self, offset, data)

    def erase(self, sector: int) -> None:
        if sector not in self.stuck or not self._is_bad(sector):
            Flash.erase(self, sector)


def make_room(ring: Ring) -> None:
    for _ in range(4):
        if not ring.ready:
            if not ring.can_prepare():
                ring.release(ring.oldest + 1)
            ring.prepare()


def test_a_worn_sector_is_passed_over_in_every_lap_and_after_a_reset() -> None:
    for says_so in (False, True):
        for worn, stuck in ((b"\2", b""), (b"", b"\2"), (b"\1", b"\4"), (b"\2", b"\3")):
            flash = WornFlash(sectors=COUNT + 2)
            ring = ring_on(flash)
            number = 0
            for number in range(FRAMES):
                if number == 40:
                    flash.worn, flash.stuck, flash.says_so = worn, stuck, says_so
                for _ in range(4):
                    make_room(ring)
                    if append(ring, number):
                        break
                assert bodies(ring)[-1:] == expected(number, number + 1)
                if number % 23 == 22:
                    ring = ring_on(flash)
                    assert bodies(ring)[-1:] == expected(number, number + 1)
            assert ring.places.retired <= 2


def test_so_many_failures_that_something_else_is_wrong_are_forgotten() -> None:
    flash, ring = prepared(0)
    flash.fail_next(99)
    for _ in range(9):
        assert not ring.prepare()
        assert ring.ready == 0
    flash.fail_next(0)
    assert ring.prepare() and append(ring, 0)
    assert bodies(ring_on(flash)) == expected(0, 1)


def test_zeros_ones_and_noise_hold_nothing() -> None:
    flash = Flash(sectors=COUNT + 2)
    for fill in (b"\x00", b"\xff", b"\x5a", b"KJ"):
        flash.contents[:] = fill * (len(flash.contents) // len(fill))
        ring = ring_on(flash)
        assert (ring.head, ring.ready, bodies(ring)) == (-1, 0, [])
        assert ring.prepare()
        assert append(ring, 1)
        assert bodies(ring_on(flash)) == expected(1, 2)
