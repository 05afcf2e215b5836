"""Terms that come, or act, when something else is wrong: memory, flash, contacts, an old session."""

import sys

from firmware import terms as real_terms
from firmware import terms_watch
from firmware.session import SECURITY_DUE
from firmware.snapshot import IS_CONTRADICTORY, IS_NOISY
from firmware.wire import codes, kb1
from hal.fake.flash import Flash
from tests.portable.firmware.loop_rig import Box
from tests.portable.firmware.test_terms_watch import nack, put, record, relock_ms

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_NAME = "firmware.terms"


class ShortMemory:
    """Stands for the code that reads terms: after so many records there is no memory for it."""

    TermsError = real_terms.TermsError

    def __init__(self, records: int = 0) -> None:
        self.left = records

    def __enter__(self) -> None:
        self._module = sys.modules.get(_NAME)
        self._unload = terms_watch.unload  # type: ignore[attr-defined]
        terms_watch.unload = _stay_loaded  # type: ignore[attr-defined]
        sys.modules[_NAME] = self  # type: ignore[assignment]

    def __exit__(self, *_: object) -> None:
        terms_watch.unload = self._unload  # type: ignore[attr-defined]
        del sys.modules[_NAME]
        if self._module is not None:
            sys.modules[_NAME] = self._module

    def pack_record(self, terms: "Any", settings: "Any") -> bytes:
        return real_terms.pack_record(terms, settings)

    def unpack_record(self, packed: bytes) -> "Any":
        self.left -= 1
        if self.left < 0:
            raise MemoryError
        return real_terms.unpack_record(packed)


def _stay_loaded(module: str) -> None:
    """In place of what a box does to save memory."""
    assert module.startswith(_NAME)


class Silent(Flash):
    """While it is silent, nothing can be read."""

    is_silent = False

    def read(self, offset: int, buffer: "bytearray | memoryview") -> None:
        if self.is_silent:
            raise OSError(5)
        Flash.read(self, offset, buffer)


def test_a_start_without_memory_for_them_goes_by_what_was_provisioned_safe_3() -> None:
    box = Box()
    put(box, record(relock_s=90))
    with ShortMemory():
        box.restart()
        assert relock_ms(box) == 60000
        assert box.loop._cache.rev == 1, "what stands in flash holds, read or not"
        for _ in range(3):
            box.after(1000)
    box.after(1000)
    assert relock_ms(box) == 60000
    box.restart()
    assert relock_ms(box) == 90000


def test_without_memory_to_look_into_them_they_do_not_fit() -> None:
    """Not senseless: the centre would take back what is good."""
    box = Box()
    box.centre.online = True
    box.after(10)
    box.centre.take()
    with ShortMemory():
        put(box, record(relock_s=90))
    assert nack(box) == kb1.NACK_DOES_NOT_FIT
    assert (box.loop._cache.rev, relock_ms(box)) == (0, 60000)


def test_without_memory_to_take_them_the_old_ones_stay_and_are_not_tried_each_turn() -> None:
    box = Box()
    memory = ShortMemory(records=1)
    with memory:
        put(box, record(relock_s=90))
        assert box.loop._cache.rev == 1
        assert memory.left == -1
        for _ in range(5):
            box.after(1000)
        assert memory.left == -1 and relock_ms(box) == 60000
    put(box, record(relock_s=100))
    assert relock_ms(box) == 100000


def test_a_copy_that_cannot_be_read_brings_nothing_back() -> None:
    box = Box()
    flash = Silent(16)
    box.cache_storage = flash
    box.restart()
    put(box, record(relock_s=90))
    flash.is_silent = True
    box.loop._cache.open()
    assert not box.loop._cache.is_open
    for _ in range(3):
        box.after(1000)
        assert relock_ms(box) == 90000
    flash.is_silent = False
    for _ in range(25):
        box.after(1000)
        assert relock_ms(box) == 90000
    assert box.loop._cache.is_open


def test_what_a_session_left_that_is_over_does_not_keep_them_out() -> None:
    """An older record may say that a lock was due when the use ended."""
    box = Box()
    box.loop._controller.rental.session.set(SECURITY_DUE)
    put(box, record(relock_s=90))
    assert relock_ms(box) == 90000


def cleared(box: Box, index: int) -> int:
    """How often a fault of that input was told as over."""
    events = box.loop._journal.read_unacked(9000)[1]
    found = [event[10:] for event in events if event[0] == codes.AUDIT_FAULT_CLEARED]
    return len([detail for detail in found if detail[1] == index])


def without(name: str) -> bytes:
    return record({"no_sensor": [name], "cannot_tell": "staff_review"})


def test_the_noise_of_an_input_that_is_taken_away_ends_with_it_end_8() -> None:
    box = Box()
    faults = box.loop._snapshot.faults
    for number in range(40):
        box.inputs[codes.IN_LIGHTS].value = number & 1
        box.after(40)
    assert faults[codes.IN_LIGHTS] == IS_NOISY
    put(box, without("lights"))
    for _ in range(3):
        box.after(1000)
    assert faults[codes.IN_LIGHTS] == 0
    assert cleared(box, codes.IN_LIGHTS) == 1


def test_a_lie_of_an_input_that_is_taken_away_ends_with_it_end_8() -> None:
    """What it contradicted is still there, and not believed."""
    box = Box()
    snapshot = box.loop._snapshot
    box.inputs[codes.IN_MOVING].value = codes.YES
    for _ in range(15):
        box.after(1000)
    assert snapshot.faults[codes.IN_GEAR_P] == snapshot.faults[codes.IN_MOVING] == IS_CONTRADICTORY
    put(box, without("gear"))
    for _ in range(3):
        box.after(1000)
    assert (snapshot.faults[codes.IN_GEAR_P], cleared(box, codes.IN_GEAR_P)) == (0, 1)
    assert snapshot.values[codes.IN_GEAR_P] == codes.UNKNOWN
    put(box, record())
    for _ in range(3):
        box.after(1000)
    assert snapshot.values[codes.IN_GEAR_P] == codes.YES
    assert snapshot.faults[codes.IN_GEAR_P] == 0
    assert snapshot.faults[codes.IN_MOVING] == IS_CONTRADICTORY
    assert snapshot.values[codes.IN_MOVING] == codes.UNKNOWN
