"""The driver that hears both kinds against the simulated chip: times, swaps, changing cards, noise."""

import itertools
import random

import pytest

from firmware.wire.journal_format import NO_IDENT
from simulator.chips.felica import FelicaCard
from simulator.chips.iso14443b import Iso14443bCard
from simulator.chips.pn532_field import Card
from simulator.chips.pn532_rig import Pn532Rig

PUPI = bytes.fromhex("e8253eec")
LICENCE = b"B\0\0\0" + PUPI
IDM = bytes.fromhex("0101060112ab34cd")


def running_rig(is_eager: bool = True, seed: int = 1) -> Pn532Rig:
    rig = Pn532Rig(seed=seed, turn_us=1000, licences=True)
    rig.driver.set_eager(is_eager)
    rig.run(1000)
    assert rig.is_healthy()
    return rig


def latency_us(rig: Pn532Rig, card: Card, identifier: bytes) -> int:
    """From a card's arrival to its report; it is away again afterwards."""
    before, arrived_us = len(rig.reports), rig.now_us
    rig.chip.present(card, arrived_us)
    rig.run(1400)
    rig.chip.remove(rig.now_us)
    rig.run(2000)
    reported_us, found = rig.reports[before]
    assert found == identifier
    assert {idm for _, idm in rig.reports[before:]} == {identifier}
    return reported_us - arrived_us


def test_an_eager_felica_touch_is_reported_within_150_ms() -> None:
    """TOUCH-1: 43 ms at the most where licences are not read; a type B window comes between."""
    rig, chance = running_rig(), random.Random(5)
    found_us = []
    for _ in range(60):
        rig.run(chance.randrange(600))
        idm = b"\1\1" + chance.randbytes(6)
        card = FelicaCard(idm, start_up_us=chance.randrange(5000, 20001))
        found_us.append(latency_us(rig, card, idm))
    assert max(found_us) < 150_000
    assert sorted(found_us)[30] < 50_000


def test_an_eager_licence_is_reported_within_400_ms() -> None:
    """ENROL-2: two activations, the field off between them."""
    rig, chance = running_rig(), random.Random(6)
    for _ in range(60):
        rig.run(chance.randrange(600))
        pupi = chance.randbytes(4)
        card = Iso14443bCard(pupi, start_up_us=chance.randrange(1000, 20001))
        assert latency_us(rig, card, b"B\0\0\0" + pupi) < 400_000
    assert rig.driver.restarts == 0


def test_calm_touches_of_both_kinds_are_reported_within_1_2_s() -> None:
    rig, chance = running_rig(is_eager=False), random.Random(7)
    for _ in range(15):
        rig.run(chance.randrange(1100))
        assert latency_us(rig, FelicaCard(IDM), IDM) < 1_200_000
        assert latency_us(rig, Iso14443bCard(PUPI, start_up_us=20_000), LICENCE) < 1_200_000


@pytest.mark.parametrize("is_eager", [True, False])
def test_a_held_card_of_either_kind_never_looks_away_for_half_a_second(is_eager: bool) -> None:
    """TOUCH-1."""
    for card in (FelicaCard(IDM), Iso14443bCard(PUPI), Iso14443bCard(PUPI, changes=True)):
        rig = running_rig(is_eager)
        rig.chip.present(card, rig.now_us)
        rig.run(8000)
        times = [at_us for at_us, _ in rig.reports]
        gaps = [later - earlier for earlier, later in itertools.pairwise(times)]
        assert len(gaps) > 18
        assert max(gaps) < 500_000


def test_enrol_2_a_changing_card_is_told_as_nobodys_and_never_by_a_pupi() -> None:
    rig, chance = running_rig(), random.Random(8)
    for _ in range(20):
        card = Iso14443bCard(chance.randbytes(4), changes=True)
        assert latency_us(rig, card, NO_IDENT) < 700_000


def test_a_licence_taken_for_a_felica_card_and_back() -> None:
    rig = running_rig()
    for card, identifier in ((FelicaCard(IDM), IDM), (Iso14443bCard(PUPI), LICENCE)) * 3:
        rig.chip.present(card, rig.now_us)
        rig.run(800)
        assert rig.reports[-1][1] == identifier
        rig.chip.remove(rig.now_us)
        rig.run(1)


def test_the_turns_that_an_empty_reader_costs() -> None:
    """Eager: 10 a second, for 4 without licences. Calm: 5, for 3."""
    for is_eager, turns in ((True, 100), (False, 50)):
        rig = running_rig(is_eager)
        before = rig.turns
        rig.run(10_000)
        assert rig.turns - before == pytest.approx(turns, abs=5)


def test_a_brown_out_while_the_field_is_off() -> None:
    rig = running_rig()
    rig.chip.present(Iso14443bCard(PUPI), rig.now_us)
    rig.run(900)
    for _ in range(6):
        rig.run(97)
        rig.chip.reset()
        rig.run(2500)
        assert rig.is_healthy()
        assert rig.reports[-1][1] == LICENCE
        assert rig.now_us - rig.reports[-1][0] < 500_000


@pytest.mark.parametrize("seed", range(1, 5))
def test_noise_gives_no_identifier_that_no_card_has(seed: int) -> None:
    rig = running_rig(seed=seed)
    rig.chip.present(Iso14443bCard(PUPI), rig.now_us)
    rig.link.drop_per_10k = rig.link.flip_per_10k = rig.link.insert_per_10k = 100
    rig.run(120_000)
    rig.link.drop_per_10k = rig.link.flip_per_10k = rig.link.insert_per_10k = 0
    assert {idm for _, idm in rig.reports} == {LICENCE}
    rig.chip.remove(rig.now_us)
    rig.run(6000)
    assert latency_us(rig, FelicaCard(IDM), IDM) < 150_000
