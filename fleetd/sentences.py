"""The daemon's sentences in its languages. Their home is locale/*.json, keyed by code.

Of each code there is what stands in the way (`reason`) and what to do about it (`remedy`), the
latter also for a single operator's terms: `remedy@jparc-2023`.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

LOCALE = Path(__file__).parent / "locale"
#: The first one is what a page speaks to somebody who asked for none of them.
LANGUAGES = ("ja", "en")


class Sentences:
    """One language."""

    def __init__(self, language: str) -> None:
        self.language = language
        text = (LOCALE / f"{language}.json").read_text(encoding="utf-8")
        self._all: dict[str, Any] = json.loads(text)

    def knows(self, code: str) -> bool:
        return code in self._all["codes"]

    def reason(self, code: str) -> str:
        """What stands in the way."""
        return str(self._code(code)["reason"])

    def remedy(self, code: str, profile: str = "") -> str:
        """What to do about it, on the terms of the profile."""
        found = self._code(code)
        return str(found.get(f"remedy@{profile}", found["remedy"]))

    def text(self, group: str, name: str, **values: int | str) -> str:
        """Anything else: a button, a state, a line of a page."""
        found = str(self._all[group][name])
        return found.format(**values) if values else found

    def has(self, group: str, name: str) -> bool:
        return name in self._all[group]

    def _code(self, code: str) -> dict[str, str]:
        """A car of tomorrow may give a reason that is not known today."""
        found: dict[str, str] = self._all["codes"].get(code, self._all["codes"]["not_possible"])
        return found


SENTENCES = {language: Sentences(language) for language in LANGUAGES}
_ENGLISH = SENTENCES["en"]


def explain(code: str) -> str:
    """For the API: English, the reason and what to do."""
    return f"{_ENGLISH.reason(code)} {_ENGLISH.remedy(code)}"


def is_known(code: str) -> bool:
    """Has the code a sentence of its own?"""
    return _ENGLISH.knows(code)


def sentence(code: str) -> str:
    """For the command line: the reason alone, with the code for whoever looks it up."""
    return f"{_ENGLISH.reason(code)} ({code})"
