"""An idle poll of the link takes nothing from the heap, on the 64-bit and on the 32-bit build."""

import pytest

from tests.firmware.test_idle import MICROPYTHON, output

SCRIPT = "tests/mp/measure_idle_link.py"
NOTHING = "offline 0\nconnecting 0\nonline 0\nout of reach 0\n"


@pytest.mark.micropython
def test_ten_thousand_idle_polls_allocate_nothing_on_64_bit() -> None:
    assert output(MICROPYTHON, "-X", "heapsize=4096wK", SCRIPT) == NOTHING


@pytest.mark.wasm
def test_ten_thousand_idle_polls_allocate_nothing_on_32_bit() -> None:
    assert output("node", "tools/wasm_run.mjs", SCRIPT) == NOTHING
