"""A contact counts when it has rested: bounces, unknowns, the first reading."""

from firmware.debounce import Debounce
from firmware.snapshot import Snapshot
from firmware.ticks import FAR_MS, MASK, ticks_add
from firmware.wire import codes


class Input:
    def __init__(self) -> None:
        self.value = codes.NO

    def read(self) -> int:
        return self.value


class Bench:
    def __init__(self) -> None:
        self.inputs = tuple([Input() for _ in range(codes.INPUTS)])
        self.snapshot = Snapshot()
        self.snapshot.now_ms = MASK - 20
        self.debounce = Debounce(50)

    def after(self, wait_ms: int) -> Snapshot:
        self.snapshot.now_ms = ticks_add(self.snapshot.now_ms, wait_ms)
        self.debounce.update(self.inputs, self.snapshot)
        return self.snapshot


def test_nothing_is_known_before_it_has_rested() -> None:
    bench = Bench()
    snapshot = bench.after(0)
    assert not snapshot.is_settled and snapshot.contacts[0] == codes.UNKNOWN
    assert bench.debounce.left_ms == 50
    snapshot = bench.after(50)
    assert snapshot.is_settled and snapshot.contacts[0] == codes.NO
    assert snapshot.changed == (1 << codes.INPUTS) - 1


def test_a_bounce_shorter_than_the_rest_is_not_seen() -> None:
    bench = Bench()
    bench.after(0)
    bench.after(50)
    for value in (codes.YES, codes.NO, codes.YES, codes.NO):
        bench.inputs[3].value = value
        assert bench.after(49).changed == 0
    assert bench.after(50).changed == 0
    assert bench.snapshot.contacts[3] == codes.NO


def test_a_change_is_seen_once_after_50_ms() -> None:
    bench = Bench()
    bench.after(0)
    bench.after(50)
    bench.inputs[3].value = codes.YES
    assert bench.after(10).changed == 0
    assert bench.after(49).changed == 0
    assert bench.after(1).changed == 1 << 3
    assert bench.after(1).changed == 0
    assert bench.snapshot.contacts[3] == codes.YES
    assert bench.debounce.left_ms == FAR_MS


def test_a_contact_that_never_rests_does_not_keep_the_others_unknown() -> None:
    bench = Bench()
    bench.after(0)
    bench.inputs[3].value = codes.YES
    bench.after(40)
    assert not bench.after(10).is_settled
    assert bench.after(40).is_settled
    bench.inputs[3].value = codes.NO
    assert bench.after(10).is_settled


def test_cannot_tell_is_a_value_like_others() -> None:
    bench = Bench()
    bench.after(0)
    bench.after(50)
    bench.inputs[5].value = codes.UNKNOWN
    bench.after(1)
    assert bench.after(50).contacts[5] == codes.UNKNOWN
