"""Who may import whom, and that the check of it sees what it should."""

import pytest

from tools import imports, tree


def findings(path: str, text: str) -> list[str]:
    return [found.text for found in imports.check(tree.source(path, text))]


def test_every_import_of_the_project_is_allowed() -> None:
    assert [str(found) for file in tree.sources() for found in imports.check(file)] == []


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("firmware/loop.py", "from hal import pn532"),
        ("firmware/loop.py", "import simulator.kernel"),
        ("firmware/wire/codes.py", "def f():\n    from hal.fake import clock"),
        ("firmware/loop.py", "import time"),
        ("firmware/loop.py", "import rich"),
        ("firmware/loop.py", "from . import ticks"),
        ("hal/pn532.py", "from firmware import loop"),
        ("hal/pn532.py", "from firmware.machine import Machine"),
        ("hal/pn532.py", "from firmware import ticks, machine"),
        ("hal/pn532.py", "from hal.linux import serial_link"),
        ("hal/pn532.py", "from hal import linux"),
        ("hal/fake/clock.py", "import asyncio"),
        ("hal/linux/serial_link.py", "from machine import UART"),
        ("boards/pi/main.py", "from simulator import kernel"),
        ("boards/sim/program.py", "import yaml"),
        ("fleetd/core/bookings.py", "from firmware.loop import Loop"),
        ("fleetd/core/bookings.py", "from hal import pn532"),
        ("simulator/kernel.py", "from tools import tree"),
        ("simulator/kernel.py", "from tests.portable import story"),
        ("simulator/kernel.py", "import machine"),
        ("tests/portable/test_ticks.py", "import pytest"),
        ("tests/portable/test_ticks.py", "from simulator import kernel"),
        ("firmware/loop.py", "if TYPE_CHECKING:\n    import typing\nelse:\n    import typing"),
    ],
)
def test_a_wrong_import_is_found(path: str, text: str) -> None:
    assert len(findings(path, text)) == 1


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("firmware/loop.py", "from firmware import ticks\nimport struct"),
        ("firmware/loop.py", "if TYPE_CHECKING:\n    from hal.api import Clock\n    import typing"),
        ("firmware/compat.py", "import sys, time"),
        ("hal/pn532.py", "from firmware.ticks import ticks_add\nfrom firmware.wire import codes"),
        ("hal/pn532.py", "from firmware import ticks, wire\nfrom hal import nmea"),
        ("hal/esp32/clock.py", "import machine, esp32, time"),
        ("hal/linux/serial_link.py", "import serial, threading"),
        ("boards/pi/main.py", "from firmware.loop import Loop\nfrom hal.linux import serial_link"),
        ("simulator/kernel.py", "import fleetd.core\nfrom boards.sim import program\nimport yaml"),
        ("fleetd/core/ingest.py", "from firmware.wire import codes\nfrom firmware import terms"),
        ("tests/simulator/test_kernel.py", "import pytest\nfrom simulator import kernel"),
    ],
)
def test_a_right_import_is_let_through(path: str, text: str) -> None:
    assert findings(path, text) == []
