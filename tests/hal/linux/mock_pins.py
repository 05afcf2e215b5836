"""Pins that are not there: gpiozero's own, for as long as a test needs them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import gpiozero
from gpiozero.pins.mock import MockFactory


@contextmanager
def mock_pins() -> Iterator[MockFactory]:
    """gpiozero's factory meanwhile; what was there before comes back."""
    before = gpiozero.Device.pin_factory
    made = MockFactory()
    gpiozero.Device.pin_factory = made
    try:
        yield made
    finally:
        made.close()
        gpiozero.Device.pin_factory = before
