"""Power cuts at every flash operation of the copy, and a random life beside a model (SAFE-3)."""

from firmware.cache import APPLIED, DOES_NOT_FIT, LATE, SECTORS_MIN, STAGED, STORAGE, Cache
from firmware.compat import IS_MICROPYTHON
from hal.fake.flash import Flash, PowerCut
from tests.portable.firmware.cache_rig import (
    NOW,
    Centre,
    Picture,
    booking,
    card,
    no_booking,
    no_card,
    reopened,
    rot,
    staff,
)

#: The other interpreters are a tenth as fast; what they may do otherwise shows in fewer lives.
LIVES = 2 if IS_MICROPYTHON else 6
#: And in every fifth operation.
EVERY = 5 if IS_MICROPYTHON else 1


def copy_of(flash: Flash, seed: int) -> Flash:
    other = Flash(flash.sectors, seed)
    other.contents[:] = flash.contents
    return other


def car(records: int) -> "tuple[Flash, Centre]":
    """A flash whose copy has that many records."""
    flash = Flash(SECTORS_MIN)
    centre = Centre(1)
    for number in range(1, records + 1):
        centre.log(*(card(number) if number % 4 == 0 else booking(number)))
    assert centre.snap(reopened(flash))[-1] == APPLIED
    return flash, centre


def due_for_a_whole_copy() -> "tuple[Flash, Centre, Cache]":
    """The copy of 500 records, moved until little room is left."""
    flash, centre = car(500)
    cache = reopened(flash)
    number = 1
    while cache.ring.free_sectors() > 5:
        number += 4
        assert centre.delta(cache, [booking(number % 400, number)], NOW) == APPLIED
    return flash, centre, cache


def cut_at(flash: Flash, cut: int, centre: Centre, steps: "list[str]") -> "tuple[bool, Cache]":
    """Push until the power goes; whether it went, and the copy after the reset."""
    cache = reopened(flash)
    flash.cut_after = cut
    was_cut = False
    try:
        for step in steps:
            if step == "snap":
                centre.snap(cache, NOW + 9)
            elif step == "delta":
                centre.send(cache, cache.rev, NOW + 9)
            else:
                cache.service()
    except PowerCut:
        was_cut = True
    flash.restore_power()
    return was_cut, reopened(flash)


def check_cuts(
    flash: Flash, centre: Centre, steps: "list[str]", every: int = 1
) -> "tuple[int, int]":
    """Cut at each operation: old or new, and all goes on from there. (old, new) found."""
    before = Picture(reopened(flash))
    done = copy_of(flash, 1)
    cut_at(done, 1 << 20, centre, steps)
    after = Picture(reopened(done))
    counts = [0, 0]
    cut = 0
    while True:
        other = copy_of(flash, cut * 7 + 3)
        was_cut, cache = cut_at(other, cut, centre, steps)
        now = Picture(cache)
        assert now.equals(before) or now.equals(after), cut
        counts[1 if now.equals(after) else 0] += 1
        if cache.rev < centre.rev or cache.gen < centre.gen:
            assert APPLIED in centre.snap(cache, NOW + 9), cut
        assert centre.agrees(cache) and centre.agrees(reopened(other))
        if not was_cut:
            return counts[0], counts[1]
        cut += every


def test_a_cut_in_a_change_leaves_old_or_new_safe_3() -> None:
    flash, centre = car(6)
    for op in (booking(3, 60), no_booking(1), card(90), staff(5), no_card(4)):
        centre.log(*op)
    old, new = check_cuts(flash, centre, ["delta", "service", "service"])
    assert old > 0 and new > 1


def test_a_cut_in_a_snapshot_leaves_old_or_new_safe_3() -> None:
    flash, centre = car(150)
    centre.gen = 2
    for number in range(40, 200):
        centre.log(*booking(number, 60))
    old, new = check_cuts(flash, centre, ["snap", "service"], EVERY)
    assert old * EVERY > 8 and new > 0


def test_a_cut_while_the_whole_copy_is_written_safe_3() -> None:
    flash, centre, _ = due_for_a_whole_copy()
    centre.log(*booking(1, 77))
    old, new = check_cuts(flash, centre, ["service", "delta", "service"], 5 * EVERY)
    assert old * EVERY > 5 and new > 0


def test_cuts_in_a_row_while_the_whole_copy_is_written_use_nothing_up() -> None:
    flash, centre, cache = due_for_a_whole_copy()
    kept = Picture(cache)
    free = cache.ring.free_sectors()
    for cut in range(200):
        was_cut, cache = cut_at(flash, cut * 5 % 23, centre, ["service"])
        assert Picture(cache).equals(kept)
        if not was_cut:
            break
        assert cache.ring.free_sectors() >= free - 3
    assert cache.ring.free_sectors() > 5
    assert 3 < cut < 199
    assert centre.delta(cache, [booking(1, 5)]) == APPLIED
    assert centre.agrees(reopened(flash))


def test_a_half_written_copy_of_a_state_that_rotted_away_is_not_finished() -> None:
    flash, centre, cache = due_for_a_whole_copy()
    flash.cut_after = 25
    try:
        cache.service()
        raise AssertionError("no cut")
    except PowerCut:
        flash.restore_power()
    rot(flash, flash.contents.rfind(centre.ops[-1][1]), 0)
    cache = reopened(flash)
    assert (cache.rev, cache.hash8) == (centre.rev - 1, centre.hashes[-2])
    before = Picture(cache)
    while cache.service():
        pass
    assert Picture(cache).equals(before) and Picture(reopened(flash)).equals(before)
    assert centre.send(cache, cache.rev) == APPLIED
    assert centre.agrees(cache) and centre.agrees(reopened(flash))


def test_a_whole_copy_with_a_rotten_part_is_none() -> None:
    flash, _, cache = due_for_a_whole_copy()
    kept = Picture(cache)
    assert cache.service()
    at = flash.contents.rfind(bytes((1, 3)) + bytes(cache.bookings.record(201)[4:]))
    assert at > 0
    rot(flash, at + 1500, 4)
    assert Picture(reopened(flash)).equals(kept)  # from the older one, which was not erased yet


def test_a_copy_that_failed_half_way_is_not_finished_with_a_later_state() -> None:
    flash, centre = car(500)
    cache = reopened(flash)
    number = 1
    while cache.ring.free_sectors() > 9:
        number += 4
        assert centre.delta(cache, [booking(number % 400, number)], NOW) == APPLIED
    first = [booking(7)]
    flash.cut_after = 25
    try:
        cache.take_chunk(2, 9, b"aaaaaaaa", 0, 2, first, NOW)  # wants room
        raise AssertionError("no cut")
    except PowerCut:
        flash.restore_power()
    done = cache._whole._done
    assert done > 0  # the same, had the device failed instead of the power
    assert centre.delta(cache, [booking(1, 5), no_booking(2)], NOW) == APPLIED
    assert cache.take_chunk(2, 9, b"aaaaaaaa", 0, 2, first, NOW) == STAGED
    while cache.ring.free_sectors() > 6:  # until what was before the copy is erased
        number += 4
        ops = [booking((number + 4 * i) % 400, number) for i in range(40)]
        assert centre.delta(cache, ops, NOW) == APPLIED
        while cache.ring.prepare():
            pass
        assert centre.agrees(reopened(flash))


def test_a_copy_written_meanwhile_gives_staged_chunks_up() -> None:
    flash, centre = car(500)
    cache = reopened(flash)
    other = Centre(2)
    for number in range(1, 200):
        other.log(*booking(number))
    count = len(other.chunks())
    other.snap(cache, NOW, list(range(count - 1)))
    number = 1
    while cache.stage.chunks:
        number += 4
        assert centre.delta(cache, [booking(number % 400, number)], NOW) == APPLIED
        cache.service()
    assert centre.agrees(cache) and centre.agrees(reopened(flash))
    assert other.snap(cache, NOW, [count - 1]) == [STAGED]
    assert other.snap(cache)[-2:] == [APPLIED, LATE]
    assert other.agrees(cache) and other.agrees(reopened(flash))


class Life:
    """One car and its centre; whatever happens, the copy is a state that the centre had."""

    def __init__(self, seed: int) -> None:
        self.flash = Flash(SECTORS_MIN, seed, sector_bytes=1024)
        self.centre = Centre(1)
        self.centre.ops_in_chunk = 9
        self.cache = reopened(self.flash)
        self.now_s = NOW
        #: What the car has acknowledged, and so must have after a reset.
        self.acknowledged = Picture(self.cache)
        self.cuts = 0

    def below(self, count: int) -> int:
        return self.flash.random(count)

    def change(self) -> None:
        """The centre's log grows; the deletions come first."""
        have = sorted(self.centre.records)
        for _ in range(self.below(3)):
            op, ident = have[self.below(len(have))] if have else (1, b"\0\0\0\1")
            self.centre.log(op + 1, ident)
        for _ in range(1 + self.below(4)):
            number = 1 + self.below(15)
            kind = self.below(4)
            if kind == 0:
                self.centre.log(*card(number, 1 + self.below(5)))
            elif kind == 1:
                self.centre.log(*staff(number, 1 + self.below(5)))
            else:
                self.centre.log(*booking(number, 60 * self.below(40)))

    def push(self) -> None:
        """As the daemon does it: changes to a known state, else a snapshot; some of it lost."""
        cache, centre = self.cache, self.centre
        is_known = cache.gen == centre.gen and cache.rev <= centre.rev
        at_s = self.now_s if self.below(5) else 0
        if is_known and self.below(4):
            assert cache.hash8 == centre.hashes[cache.rev]
            from_rev = max(0, cache.rev - self.below(2))
            verdict = centre.send(cache, from_rev, at_s)
            assert verdict in (APPLIED, LATE, STORAGE)
        else:
            order = [i for i in range(len(centre.chunks())) for _ in range(self.below(3))]
            for verdict in centre.snap(cache, at_s, order):
                assert verdict in (APPLIED, STAGED, LATE, STORAGE)
        self.acknowledged = Picture(cache)

    def step(self) -> None:
        self.now_s += 1 + self.below(2000)
        what = self.below(12)
        if what < 4:
            self.change()
        elif what < 8:
            self.push()
        elif what == 8:
            self.cache.service()
        elif what == 9:
            self.flash.fail_next(self.below(4))
        elif what == 10:
            self.centre.gen += self.below(2)
        else:
            self.cache = reopened(self.flash)

    def live(self, steps: int) -> None:
        for _ in range(steps):
            before = self.acknowledged
            if self.below(4) == 0:
                self.flash.cut_after = self.below(4)
            try:
                self.step()
                self.flash.cut_after = None
            except PowerCut:
                self.cuts += 1
                self.flash.restore_power()
                self.cache = reopened(self.flash)
                self.check_after_cut(before)
            self.flash.fail_next(0)
            self.acknowledged = Picture(self.cache)
            if self.acknowledged.standing[:2] == (self.centre.gen, self.centre.rev):
                assert self.centre.agrees(self.cache)

    def check_after_cut(self, before: Picture) -> None:
        """Old, or new as the centre has it now; never a mixture, never older."""
        now = Picture(self.cache)
        assert now.standing == before.standing or self.centre.agrees(self.cache)
        if now.standing == before.standing:
            assert now.records == before.records


def test_a_random_life_is_always_a_state_of_the_centre() -> None:
    cuts = erases = 0
    for seed in range(1, 1 + LIVES):
        life = Life(seed)
        life.live(700)
        erases += sum(life.flash.erases)
        cuts += life.cuts
        for _ in range(9):
            if life.cache.gen < life.centre.gen or life.cache.rev < life.centre.rev:
                life.centre.gen += 1
                assert APPLIED in life.centre.snap(life.cache)
        assert life.cache.rev == life.centre.rev
        assert Picture(reopened(life.flash)).equals(Picture(life.cache))
    assert cuts > 20 * LIVES and erases > 2 * LIVES * SECTORS_MIN


def test_a_full_copy_refuses_what_does_not_fit_after_any_reset() -> None:
    flash, centre = car(512)
    hashes = (centre.hash8, centre.rev)
    cache = reopened(flash)
    assert centre.delta(cache, [staff(9)]) == DOES_NOT_FIT
    cache = reopened(flash)
    assert (cache.hash8, cache.rev) == hashes
    assert centre.send(cache, hashes[1]) == DOES_NOT_FIT
