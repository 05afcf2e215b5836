"""Idle work on the flash stops the program while a sector is erased: it waits for the relays."""

from firmware.wire import codes
from tests.portable.firmware.loop_rig import Box
from tests.portable.firmware.test_loop_take_back import used

END = b"ENDENDEN"


def test_no_sector_is_erased_within_a_pulse() -> None:
    """A pulse of 400 ms with an erase in it would be one of 800: the work comes right after it."""
    box = Box()
    used(box)
    pulsing: "list[bool]" = []

    def note() -> bool:
        pulsing.append(any([line.level for line in box.pulses]))
        return False

    box.loop._journal.service = note  # type: ignore[method-assign]
    box.loop._cache.service = note  # type: ignore[method-assign]
    box.put_command(END, codes.VERB_END)
    turns_in_pulses = 0
    for _ in range(300):
        turns_in_pulses += any([line.level for line in box.pulses])
        box.after(10)
    assert turns_in_pulses > 30
    assert len(pulsing) > 100
    assert True not in pulsing
