"""Everything that a story may expect to see: how it is written, and when it holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from simulator.scenario import words
from simulator.scenario.document import Value
from simulator.scenario.problem import WordError
from simulator.scenario.values import input_name

#: A reason of a refusal with what it is about: `cannot_tell` names inputs, the others nothing.
Reason = tuple[str, frozenset[str]]


class View(Protocol):
    """What can be seen now. Counts and lists are those since the last `do`."""

    @property
    def state(self) -> str: ...
    @property
    def reader(self) -> str: ...
    @property
    def doors(self) -> str: ...
    @property
    def engine(self) -> str: ...
    @property
    def hazard_flashes(self) -> int: ...
    @property
    def hazards(self) -> str: ...
    @property
    def buzzer(self) -> int: ...
    @property
    def voice(self) -> int: ...
    @property
    def sounding(self) -> str: ...
    @property
    def site(self) -> str: ...
    @property
    def refusal(self) -> tuple[Reason, ...]: ...
    @property
    def events(self) -> list[str]: ...
    @property
    def mails(self) -> list[str]: ...
    @property
    def warnings(self) -> tuple[str, ...]: ...


#: Key -> its values, for those that show one word of a few.
WORDS_OF: dict[str, tuple[str, ...]] = {
    "state": words.STATES,
    "reader": words.READER,
    "doors": ("locked", "unlocked"),
    "engine": ("free", "blocked"),
    "hazards": ("flashing", "off"),
    "sounding": ("yes", "no"),
    "site": words.SITE,
}
COUNTS = ("hazard_flashes", "buzzer", "voice")
#: Key -> its words, for those that show a sequence of them.
SEQUENCES: dict[str, tuple[str, ...]] = {"events": words.EVENTS, "mails": words.MAILS}
SETS: dict[str, tuple[str, ...]] = {"warnings": words.WARNINGS}
KEYS = (*WORDS_OF, *COUNTS, "refusal", *SEQUENCES, *SETS)

_COUNT_MAX = 10_000


@dataclass(frozen=True)
class Sight:
    """One thing to be seen. `wanted` is a word, a count, a tuple of words, or of reasons."""

    key: str
    text: str
    line: int
    wanted: str | int | tuple[str, ...] | tuple[Reason, ...]
    is_list: bool = False

    def holds(self, view: View) -> bool:
        """Whether it is to be seen now."""
        seen = getattr(view, self.key)
        if self.key == "refusal":
            return self._refusal_holds(seen)
        if self.key in SEQUENCES:
            return _follows(self.wanted, seen)
        if self.key in SETS:
            return isinstance(self.wanted, tuple) and set(self.wanted) == set(seen)
        return bool(seen == self.wanted)

    def appears(self, view: View) -> bool:
        """Whether any of it is to be seen now; for `never`, where each word of a list is unwanted."""
        seen = getattr(view, self.key)
        if self.key in (*SEQUENCES, *SETS):
            return isinstance(self.wanted, tuple) and not set(self.wanted).isdisjoint(seen)
        if self.key == "refusal":
            return any(_is_among(one, seen) for one in self._reasons())
        return self.holds(view)

    def _reasons(self) -> tuple[Reason, ...]:
        return self.wanted if isinstance(self.wanted, tuple) else ()  # type: ignore[return-value]

    def _refusal_holds(self, seen: tuple[Reason, ...]) -> bool:
        reasons = self._reasons()
        if self.is_list and {code for code, _ in reasons} != {code for code, _ in seen}:
            return False
        return all(_is_among(one, seen) for one in reasons)


def _is_among(wanted: Reason, seen: tuple[Reason, ...]) -> bool:
    code, inputs = wanted
    return any(code == one and inputs <= about for one, about in seen)


def _follows(wanted: object, seen: list[str]) -> bool:
    """Whether the wanted words stand in `seen` in this order, others between them or not."""
    rest = iter(seen)
    return isinstance(wanted, tuple) and all(word in rest for word in wanted)


def show(key: str, view: View) -> str:
    """What is to be seen of a key now, as a story would write it."""
    seen = getattr(view, key)
    if key == "refusal":
        said = [" ".join((code, *sorted(inputs))) for code, inputs in seen]
    elif isinstance(seen, (list, tuple)):
        said = list(seen)
    else:
        return f"{key}: {seen}"
    if not said:
        return f"{key}: none"
    return f"{key}: {said[0]}" if len(said) == 1 else f"{key}: [{', '.join(said)}]"


def parse(key: str, value: Value) -> Sight:
    """Read one entry of `see`; WordError or StoryError says what was expected."""
    words.check("thing to see", key, KEYS)
    found = [one.text(f"the value of {key}") for one in value.one_or_more()]
    text = f"{key}: [{', '.join(found)}]" if value.is_list else f"{key}: {found[0]}"
    line = value.line
    if key == "refusal":
        return Sight(key, text, line, tuple(map(_reason, found)), value.is_list)
    many = SEQUENCES.get(key) or SETS.get(key)
    if many:
        if key in SEQUENCES and not found:
            raise WordError(f"{key} names at least one; to see that there was none, use never")
        for word in found:
            words.check(key.removesuffix("s"), word, many)
        return Sight(key, text, line, tuple(found), value.is_list)
    if value.is_list:
        raise WordError(f"{key} is one value, not a list")
    if key in COUNTS:
        return Sight(key, text, line, _count(key, found[0]))
    return Sight(key, text, line, words.check(f"value of {key}", found[0], WORDS_OF[key]))


def _reason(text: str) -> Reason:
    code, *inputs = text.split()
    words.check("refusal", code, words.REASONS)
    if inputs and code != "cannot_tell":
        raise WordError(f"'{text}': only cannot_tell names inputs")
    return code, frozenset(input_name(one) for one in inputs)


def _count(key: str, text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) > _COUNT_MAX:
        raise WordError(f"{key} is a count: '{text}' is not a number from 0 to {_COUNT_MAX}")
    return int(text)
