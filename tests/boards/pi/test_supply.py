"""The pulses of a Raspberry Pi have their supply before they begin."""

import json
import os
import tty
from pathlib import Path

from boards.box import Box
from boards.box_config import load
from boards.pi import pins
from boards.pi.board import Board
from boards.pin_table import PULSE_NAMES, row_of
from tests.boards.pi.box_process import values
from tests.hal.linux.mock_pins import mock_pins


def test_each_pulse_makes_the_edge_first(tmp_path: Path) -> None:
    """SAFE-6: also before any turn has fed the line."""
    far, near = os.openpty()
    tty.setraw(far)
    with mock_pins() as factory:
        board = {"clock": "machine", "reader": {"port": os.ttyname(near)}}
        config = load(json.dumps(values(board=board)))
        box = Box(Board(config, tmp_path, tmp_path), config)
        enable = factory.pin(row_of(pins.ROWS, "enable")[2])
        for name, pulse in zip(PULSE_NAMES, box.ports.pulses, strict=True):
            coil = factory.pin(row_of(pins.ROWS, name)[2])
            for was_high in (False, True):
                enable.state = was_high
                enable.clear_states()
                coil.clear_states()
                pulse.write(True)
                assert [seen.state for seen in enable.states[-2:]] == [False, True]
                assert coil.states[-1].state
                pulse.write(False)
                assert not coil.states[-1].state
                assert enable.states[-1].state
    os.close(near)
    os.close(far)
