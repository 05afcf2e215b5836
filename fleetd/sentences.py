"""The daemon's sentences in its languages. Their home is locale/*.json, keyed by code.

Of each code there is what stands in the way (`reason`) and what to do about it (`remedy`), the
latter also for a single operator's terms: `remedy@jparc-2023`, and for a car that is set to
`refuse` what it cannot tell: `remedy_refuse`. What the car, the bookings or the
state of a use say no with stands in refusals.json, both languages beside each other, with the
lines for the call centre; docs/refusals.md is made from it. The codes of forms and requests
stand in en.json and ja.json.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from fleetd.core.refused import Refused

LOCALE = Path(__file__).parent / "locale"
#: The first one is what a page speaks to somebody who asked for none of them.
LANGUAGES = ("ja", "en")
_ABOUT_MAX = 60


def _read(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((LOCALE / f"{name}.json").read_text(encoding="utf-8"))
    return found


#: Code -> `kind`, `rules`, `when`, and for each language its lines.
REFUSALS = _read("refusals")


class Sentences:
    """One language."""

    def __init__(self, language: str) -> None:
        self.language = language
        self._all = _read(language)
        refusals = {code: entry[language] for code, entry in REFUSALS.items()}
        self._codes: dict[str, dict[str, str]] = {**self._all["codes"], **refusals}

    def knows(self, code: str) -> bool:
        return code in self._codes

    def reason(self, code: str, inputs: Iterable[str] = ()) -> str:
        """What stands in the way; `inputs` by their codes, where the car cannot tell (END-8)."""
        found = self._code(code)
        names = [self.text("inputs", name) for name in inputs]
        if names and "reason_named" in found:
            return found["reason_named"].format(inputs=self.text("page", "comma").join(names))
        return found["reason"]

    def remedy(self, code: str, profile: str = "", at: str = "", setting: str = "") -> str:
        """What to do about it, on the terms of the profile; `at` when it becomes possible.

        `setting`: the car's, where that makes a difference (END-8).
        """
        found = self._code(code)
        if setting and f"remedy_{setting}" in found:
            return found[f"remedy_{setting}"]
        if at and "remedy_at" in found:
            return found["remedy_at"].format(at=at)
        return found.get(f"remedy@{profile}", found["remedy"])

    def text(self, group: str, name: str, **values: int | str) -> str:
        """Anything else: a button, a state, a line of a page."""
        found = str(self._all[group][name])
        return found.format(**values) if values else found

    def has(self, group: str, name: str) -> bool:
        return name in self._all[group]

    def _code(self, code: str) -> dict[str, str]:
        """A car of tomorrow may give a reason that is not known today."""
        return self._codes.get(code, self._codes["not_possible"])


SENTENCES = {language: Sentences(language) for language in LANGUAGES}
_ENGLISH = SENTENCES["en"]


def explain(code: str, inputs: Iterable[str] = (), setting: str = "") -> str:
    """For the API: English, the reason and what to do."""
    return f"{_ENGLISH.reason(code, inputs)} {_ENGLISH.remedy(code, setting=setting)}"


def for_operator(code: str, inputs: Iterable[str] = ()) -> str:
    """English: the reason, and what the call centre looks at, where a line says it."""
    check = REFUSALS.get(code, {}).get("en", {}).get("check")
    return f"{_ENGLISH.reason(code, inputs)} {check or _ENGLISH.remedy(code)}"


def is_known(code: str) -> bool:
    """Has the code a sentence of its own?"""
    return _ENGLISH.knows(code)


def sentence(code: str) -> str:
    """For the command line: the same, with the code for whoever looks it up."""
    return f"{explain(code)} ({code})"


def refusal(refused: Refused, given: str = "") -> str:
    """The same with what it is about: what stands in the way, or what was `given`."""
    about = "".join(one if one.isprintable() else "?" for one in (refused.about or given))
    return f"{about[:_ABOUT_MAX]}: {sentence(refused.code)}" if about else sentence(refused.code)
