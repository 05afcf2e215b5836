"""The reader's driver with the simulated chip: touches, noise, resets, rates; in virtual time."""

import itertools
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.chips.felica import FelicaCard
from simulator.chips.pn532_rig import Pn532Rig

IDM = bytes.fromhex("0101060112ab34cd")
CARD = FelicaCard(IDM)


def running_rig(is_eager: bool = True, seed: int = 1, turn_us: int = 0) -> Pn532Rig:
    rig = Pn532Rig(seed=seed, turn_us=turn_us)
    rig.driver.set_eager(is_eager)
    rig.run(1000)
    assert rig.is_healthy()
    return rig


def touch_latency_us(rig: Pn532Rig, card: FelicaCard) -> int:
    """From a card's arrival to its report; the card is away again afterwards."""
    before = len(rig.reports)
    arrived_us = rig.now_us
    rig.chip.present(card, arrived_us)
    rig.run(1300)
    rig.chip.remove(rig.now_us)
    rig.run(1600)
    reported_us, idm = rig.reports[before]
    assert idm == card.idm
    return reported_us - arrived_us


def test_an_eager_touch_is_reported_within_50_ms() -> None:
    """TOUCH-1: at any moment of the chip's long poll; cards start in 5 to 20 ms."""
    rig = running_rig(turn_us=1000)
    chance = random.Random(5)
    latencies_us = []
    for _ in range(100):
        rig.run(chance.randrange(600))
        card = FelicaCard(chance.randbytes(8), start_up_us=chance.randrange(5000, 20001))
        latencies_us.append(touch_latency_us(rig, card))
    assert max(latencies_us) < 50_000
    assert rig.driver.restarts == 0


def test_a_card_that_hears_424_alone_is_reported_where_that_is_asked_for() -> None:
    for with_424 in (True, False):
        rig = Pn532Rig(with_424=with_424)
        rig.driver.set_eager(True)
        rig.run(1000)
        rig.chip.present(FelicaCard(IDM, kbps=(424,)), rig.now_us)
        rig.run(1200)
        assert [idm for _, idm in rig.reports[:1]] == ([IDM] if with_424 else [])


def test_a_calm_touch_is_reported_within_1_1_s() -> None:
    rig = running_rig(is_eager=False)
    chance = random.Random(6)
    latencies_us = []
    for _ in range(50):
        rig.run(chance.randrange(1100))
        latencies_us.append(touch_latency_us(rig, CARD))
    assert max(latencies_us) < 1_100_000


def test_turns_that_an_empty_reader_costs() -> None:
    """Eager: two a half second. Calm: three a second."""
    for is_eager, turns in ((True, 40), (False, 30)):
        rig = running_rig(is_eager)
        before = rig.turns
        rig.run(10_000)
        assert rig.turns - before == pytest.approx(turns, abs=3)


def test_a_held_card_is_reported_every_quarter_second_eager_and_calm() -> None:
    """TOUCH-1: never so seldom that a held card looks away for 1 s."""
    for is_eager in (True, False):
        rig = running_rig(is_eager)
        rig.chip.present(CARD, rig.now_us)
        rig.run(10_000)
        times_us = [at_us for at_us, _ in rig.reports]
        gaps_us = [later - earlier for earlier, later in itertools.pairwise(times_us)]
        assert len(gaps_us) > 30
        assert min(gaps_us) >= 250_000
        assert max(gaps_us) < 270_000


def test_no_report_after_the_card_has_gone() -> None:
    rig = running_rig()
    rig.chip.present(CARD, rig.now_us)
    rig.run(600)
    rig.chip.remove(rig.now_us)
    rig.run(20)
    count = len(rig.reports)
    rig.run(10_000)
    assert len(rig.reports) == count


def test_a_swap_of_cards_is_reported() -> None:
    rig = running_rig()
    rig.chip.present(CARD, rig.now_us)
    rig.run(600)
    other = FelicaCard(bytes.fromhex("0101060199999999"))
    rig.chip.remove(rig.now_us)
    rig.chip.present(other, rig.now_us)
    rig.run(600)
    idms = [idm for _, idm in rig.reports]
    assert idms == sorted(idms, key=[IDM, other.idm].index)
    assert idms.count(other.idm) >= 2


@pytest.mark.parametrize("is_eager", [True, False])
@pytest.mark.parametrize("after_us", [0, 700, 1800, 3000, 100_000, 490_000])
def test_a_brown_out_of_the_chip_is_survived(is_eager: bool, after_us: int) -> None:
    rig = running_rig(is_eager)
    rig.run(after_us // 1000)
    rig.chip.reset()
    rig.run(4000)
    retries = rig.chip.commands.settings[0x05][2]
    assert 80 < retries < 180 if is_eager else retries == 2
    assert rig.is_healthy()
    assert rig.chip.field.on_since_us is not None
    assert touch_latency_us(rig, CARD) < (50_000 if is_eager else 1_100_000)


def test_a_card_that_comes_right_after_a_brown_out_is_heard() -> None:
    rig = running_rig()
    rig.chip.reset()
    assert touch_latency_us(rig, CARD) < 1_000_000


def test_a_dead_chip_is_known_and_a_revived_one_is_used() -> None:
    rig = running_rig()
    rig.chip.die()
    rig.run(3000)
    assert not rig.is_healthy()
    rig.run(60_000)
    rig.chip.revive()
    rig.run(5000)
    assert rig.is_healthy()
    assert touch_latency_us(rig, CARD) < 50_000


def test_a_missing_chip_is_known_a_quarter_second_after_power_on() -> None:
    rig = Pn532Rig()
    rig.chip.die()
    rig.run(250)
    assert not rig.is_healthy()


@pytest.mark.parametrize("baud", [921600, 460800, 230400])
def test_a_chip_that_another_program_left_at_its_rate_is_brought_back(baud: int) -> None:
    rig = running_rig()
    rig.chip.baud = baud
    rig.run(5000)
    assert rig.is_healthy()
    assert rig.chip.baud == rig.link.baud == 115200
    assert touch_latency_us(rig, CARD) < 50_000


def test_two_cards_at_once_give_no_report_until_one_has_gone() -> None:
    rig = running_rig()
    other = FelicaCard(bytes.fromhex("0101060199999999"))
    rig.chip.present(CARD, rig.now_us)
    rig.chip.present(other, rig.now_us)
    rig.run(3000)
    assert rig.reports == []
    rig.chip.remove(rig.now_us, other)
    rig.run(1000)
    assert {idm for _, idm in rig.reports} == {IDM}


def with_noise(rig: Pn532Rig, drop: int, flip: int, insert: int) -> None:
    rig.link.drop_per_10k = drop
    rig.link.flip_per_10k = flip
    rig.link.insert_per_10k = insert


def raw_reads(rig: Pn532Rig) -> list[bytes]:
    """The identifiers of all answers that pass the frame's own sums, as they come."""
    reads: list[bytes] = []
    hear_card = rig.driver._hear_card

    def hear(now_ms: int) -> None:
        reads.append(bytes(rig.driver._dialogue.body[6:14]))
        hear_card(now_ms)

    rig.driver._hear_card = hear  # type: ignore[method-assign]
    return reads


def test_thousands_of_noisy_polls_give_no_identifier_that_no_card_has() -> None:
    """At 1 % turned bits, lost and inserted bytes each; single answers are wrong now and then."""
    rig = running_rig(seed=2)
    reads = raw_reads(rig)
    rig.chip.present(CARD, rig.now_us)
    with_noise(rig, 100, 100, 100)
    while len(reads) < 4_000:
        rig.run(60_000)
    wrong_reads = sum(idm != IDM for idm in reads)
    assert 0 < wrong_reads < len(reads) // 100
    assert {idm for _, idm in rig.reports} == {IDM}
    assert len(rig.reports) > 3_000
    with_noise(rig, 0, 0, 0)
    rig.chip.remove(rig.now_us)
    rig.run(6000)
    assert rig.is_healthy()
    assert touch_latency_us(rig, CARD) < 50_000


@settings(max_examples=60)
@given(
    seed=st.integers(1, 2**30 - 1),
    drop=st.integers(0, 300),
    flip=st.integers(0, 300),
    insert=st.integers(0, 300),
    is_eager=st.booleans(),
    is_present=st.booleans(),
)
def test_any_noise_is_survived(
    seed: int, drop: int, flip: int, insert: int, is_eager: bool, is_present: bool
) -> None:
    rig = Pn532Rig(seed=seed)
    rig.driver.set_eager(is_eager)
    with_noise(rig, drop, flip, insert)
    if is_present:
        rig.chip.present(CARD, 0)
    rig.run(20_000)
    assert {idm for _, idm in rig.reports} <= ({IDM} if is_present else set())
    with_noise(rig, 0, 0, 0)
    rig.chip.remove(rig.now_us)
    rig.run(8000)
    assert rig.is_healthy()
    rig.driver.set_eager(True)
    rig.run(1500)
    assert touch_latency_us(rig, CARD) < 50_000


@settings(max_examples=100)
@given(
    st.lists(
        st.one_of(
            st.binary(max_size=80),
            st.sampled_from(["ack", "card", "none", "error", "half"]),
            st.integers(0, 2000),
        ),
        max_size=40,
    )
)
def test_any_bytes_at_any_time_are_survived(story: list[bytes | str | int]) -> None:
    """Nothing is raised, nothing grows, and the driver is due again some time."""
    frames = {
        "ack": bytes.fromhex("0000ff00ff00"),
        "card": bytes.fromhex("0000ff18e8d54b0101140101010501860402020300")
        + bytes.fromhex("4b024f498a8a800833"),
        "none": bytes.fromhex("0000ff03fdd54b00e000"),
        "error": bytes.fromhex("0000ff01ff7f8100"),
        "half": bytes.fromhex("0000ff18e8d54b"),
    }
    rig = Pn532Rig()
    for happening in story:
        if isinstance(happening, int):
            rig.run(happening)
        else:
            rig.link.put(frames[happening] if isinstance(happening, str) else happening)
            rig.driver.poll(rig.now_ms())
            assert rig.link.any() == 0
    rig.run(9000)
    assert rig.is_healthy()
    assert touch_latency_us(rig, CARD) < 1_200_000
