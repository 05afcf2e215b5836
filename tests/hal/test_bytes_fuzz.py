"""Fuzzing of bytes in short, seeded, so the same in each run. In full: `python -m tests.bytes_fuzz`."""

import pytest

from hal.nmea_sentence import NOTHING, Sentence
from hal.pn532 import Pn532
from hal.pn532_dialogue import Dialogue
from hal.pn532_frames import FrameReader
from tests import bytes_fuzz

COUNT = 4000


def test_nonsense_on_the_readers_line_harms_nothing() -> None:
    for what in ("pn532", "licences"):
        counts = bytes_fuzz.FUZZERS[what](COUNT, 1)
        assert counts["inputs"] == COUNT
        assert counts["damaged"] > COUNT // 100, "the fuzzer is blunt"
        assert counts["restarts"] > COUNT // 100, "the fuzzer is blunt"


def test_nonsense_of_the_receiver_harms_nothing() -> None:
    counts = bytes_fuzz.fuzz_nmea(COUNT, 1)
    assert counts["damaged"] > COUNT // 4, "the fuzzer is blunt"
    assert counts["fixes"] > COUNT // 100, "the fuzzer is blunt"


def test_a_parser_that_believes_lengths_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """A planted fault: an answer with too few bytes."""

    def looks_like_a_card(self: Pn532, length: int) -> bool:
        return bytes(self._dialogue.body[:length])[5] == 0x01

    monkeypatch.setattr(Pn532, "_is_one_felica_card", looks_like_a_card)
    with pytest.raises(IndexError):
        bytes_fuzz.FUZZERS["pn532"](COUNT, 1)


def test_a_dialogue_that_keeps_what_it_heard_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """A planted fault: something grows."""
    kept: list[list[int]] = []
    genuine = Dialogue._hear

    def hear(self: Dialogue, kind: int, now_ms: int) -> None:
        kept.append([kind])
        genuine(self, kind, now_ms)

    monkeypatch.setattr(Dialogue, "_hear", hear)
    with pytest.raises(AssertionError, match="objects more"):
        bytes_fuzz.FUZZERS["pn532"](COUNT, 1)


def test_a_reader_that_never_looks_again_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """A planted fault: after a damaged frame nothing is heard any more."""
    genuine = FrameReader._take_body

    def take_body(self: FrameReader, length: int) -> int:
        found = genuine(self, length)
        if found == 5:
            monkeypatch.setattr(FrameReader, "next", lambda _: 0)
        return found

    monkeypatch.setattr(FrameReader, "_take_body", take_body)
    with pytest.raises(AssertionError, match="no report within"):
        bytes_fuzz.FUZZERS["pn532"](COUNT, 1)


def test_a_line_that_swallows_the_next_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """A planted fault: a new sentence in the midst of another is not seen."""
    genuine = Sentence.take

    def take(self: Sentence, byte: int) -> int:
        if byte == 0x24 and self._length > 0:
            return NOTHING
        return genuine(self, byte)

    monkeypatch.setattr(Sentence, "take", take)
    with pytest.raises(AssertionError):
        bytes_fuzz.fuzz_nmea(COUNT, 1)
