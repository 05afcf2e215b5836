"""Every planted fault is found, and by a watcher that it should be found by."""

from __future__ import annotations

import pytest

from tests.proof.faults import FAULTS, Fault
from tests.proof.planted import find

STATES = 150


def test_there_are_enough_and_none_twice() -> None:
    assert len({fault.name for fault in FAULTS}) == len(FAULTS) >= 25


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name.replace(" ", "_"))
def test_planted_fault_is_found(fault: Fault) -> None:
    assert find(fault, STATES).complaint is not None, fault.name
