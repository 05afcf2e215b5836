"""Fuzzing in short (F26, F34): seeded, so the same in each run. In full: `python -m tests.protocol`."""

from __future__ import annotations

import pytest

from fleetd import intake
from fleetd.core import bounds
from fleetd.mqtt.dialogue import Dialogue
from fleetd.turn import Turn
from tests.protocol import fuzz_frames, fuzz_packets

PACKETS, FRAMES = 8_000, 5_000


def test_packets_harm_nobody() -> None:
    """F26: no crash, nothing grows, the other car is served after each of them."""
    counts = fuzz_packets.run(PACKETS, 1)
    assert counts["packets"] >= PACKETS
    for name in ("taken", "malformed", "refused"):
        assert counts[name] > PACKETS // 100, f"{name}: the fuzzer is blunt"


def test_poison_harms_nobody() -> None:
    """F34: refused and counted, or NACK; the other car untouched, the next good frame read."""
    counts = fuzz_frames.run(FRAMES, 1)
    assert counts["frames"] >= FRAMES
    for name in (
        "up: senseless, counted", "up: tag wrong, counted", "up: HELLO that cannot be, counted",
        "down: answered with NACK",
    ):  # fmt: skip
        assert counts[name] > FRAMES // 40, f"{name}: the fuzzer is blunt"


def test_an_endpoint_that_lets_anybody_speak_for_others_is_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A planted fault."""

    def receive_as_told(self: Dialogue, topic: str, payload: bytes, retain: bool) -> None:
        if topic.startswith("kb/1/u"):
            self._house.take_last(topic[-12:], payload[:9])

    monkeypatch.setattr(Dialogue, "_objection", receive_as_told)
    with pytest.raises(AssertionError):
        fuzz_packets.run(PACKETS, 1)


def test_a_daemon_that_believes_any_hello_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """A planted fault: a command waits all the time, and cannot be packed after such a number."""
    monkeypatch.setattr(bounds, "senseless_field", lambda _hello, _gen: "")
    with pytest.raises(AssertionError, match="the daemon stumbled in its own work"):
        fuzz_frames.run(FRAMES, 1)


def test_a_daemon_that_stumbles_over_a_body_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """A planted fault: an exception that nobody expects. It is counted, and that is looked at."""
    genuine = intake.take_frame

    def stumble(turn: Turn, car: object, kind: int, body: bytes) -> None:
        if kind == 4 and body[1:2] > b"\xf0":
            raise KeyError(body[1])
        genuine(turn, car, kind, body)  # type: ignore[arg-type]

    monkeypatch.setattr(intake, "take_frame", stumble)
    with pytest.raises(AssertionError, match="the daemon stumbled over a frame"):
        fuzz_frames.run(FRAMES, 1)
