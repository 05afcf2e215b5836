"""A console that nobody uses takes nothing from the heap, and one that was used gives all back."""

import pytest

from tests.firmware.test_idle import MICROPYTHON, output

SCRIPT = "tests/mp/measure_console.py"
#: Of the door on the 64-bit build; half of it on a chip.
FITTED_BYTES_MAX = 512


def figures(said: str) -> dict[str, int]:
    return {line.split()[0]: int(line.split()[1]) for line in said.splitlines()}


@pytest.mark.micropython
def test_the_door_is_small_idle_turns_take_nothing_and_all_is_given_back_on_64_bit() -> None:
    found = figures(output(MICROPYTHON, "-X", "heapsize=4096wK", SCRIPT))
    assert 0 < found["fitted"] <= FITTED_BYTES_MAX
    assert found["open"] > 10_000
    assert (found["idle"], found["quiet"], found["left"]) == (0, 0, 0)


@pytest.mark.wasm
def test_idle_turns_take_nothing_on_32_bit() -> None:
    """What is given back cannot be told there: nothing is collected while a script runs."""
    found = figures(output("node", "tools/wasm_run.mjs", SCRIPT))
    assert 0 < found["fitted"] <= FITTED_BYTES_MAX
    assert (found["idle"], found["quiet"]) == (0, 0)
