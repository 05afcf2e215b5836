"""One request to a page: who asks, in which language, and what was typed."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request

from fleetd.api import account_calls, booking_calls, command_calls
from fleetd.api.answers import Answer, Wrong
from fleetd.api.attempts import Attempts
from fleetd.api.calls import ACCOUNT, DRIVER, DRIVER_ID_CHARACTERS, Asked, Call
from fleetd.api.fields import check_fields
from fleetd.core.refused import Refused
from fleetd.health import REFUSED_HERE
from fleetd.pages.times import Times
from fleetd.sentences import LANGUAGES, SENTENCES, Sentences
from fleetd.service import Fleet

_CALLS: dict[Callable[[Asked], Answer], Call] = {
    call.run: call for call in (*account_calls.CALLS, *booking_calls.CALLS, *command_calls.CALLS)
}
_TOKEN = re.compile(r"[0-9a-f]{64}")
#: Idempotency keys as our forms have them.
_KEY = re.compile(r"[0-9a-f]{32}")
#: Addresses on this site that may be gone to afterwards.
_PLACE = re.compile(r"/(?:[A-Za-z0-9][A-Za-z0-9_/?=&.-]{0,200})?")


@dataclass(frozen=True, slots=True)
class Visit:
    """`secret` stands behind the token of its forms: the log-in's, or the visit's before that."""

    fleet: Fleet
    attempts: Attempts
    address: str
    place: str
    language: str
    token: str
    secret: str
    path: Mapping[str, str]
    query: Mapping[str, str]
    form: Mapping[str, str] = field(default_factory=dict)

    def __repr__(self) -> str:
        return f"Visit(place={self.place!r})"

    @property
    def words(self) -> Sentences:
        return SENTENCES[self.language]

    @property
    def times(self) -> Times:
        return Times(self.words, self.fleet.rules.utc_offset_s, int(self.fleet.clock()))

    @property
    def key(self) -> str:
        """The idempotency key that came with the form."""
        found = self.form.get("key", "")
        if not _KEY.fullmatch(found):
            raise Wrong("bad_form")
        return found

    def account(self) -> str:
        """Whose log-in it is; Refused when there is none that may see anything."""
        return self.fleet.account_of(self.token)

    def is_driver(self) -> bool:
        return len(self.account()) == DRIVER_ID_CHARACTERS

    def ask(
        self,
        run: Callable[[Asked], Answer],
        *,
        path: Mapping[str, str] | None = None,
        query: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
        key: str = "",
    ) -> dict[str, Any]:
        """Make a call of the API, with its checks; the body of its answer."""
        call = _CALLS[run]
        account = ""
        if call.needs == ACCOUNT:
            account = self.fleet.account_of(self.token)
        elif call.needs == DRIVER:
            account = self.fleet.driver_of(self.token)
        asked = Asked(
            self.fleet, self.attempts, self.address, account, self.token, key,
            path or {}, check_fields(call.query, query or {}), check_fields(call.body, body or {}),
        )  # fmt: skip
        try:
            return run(asked).body or {}
        except (Wrong, Refused) as refused:
            self.fleet.counts[REFUSED_HERE + refused.code] += 1
            raise


def token_of(request: Request, cookie: str) -> str:
    """The log-in, if there is one; whether it is still good the fleet knows."""
    found = request.cookies.get(cookie, "")
    return found if _TOKEN.fullmatch(found) else ""


def language_of(request: Request) -> str:
    """As chosen here; else as the browser asks for; else the first one."""
    chosen = request.cookies.get("language", "")
    if chosen in LANGUAGES:
        return chosen
    wanted: list[tuple[float, int, str]] = []
    for order, part in enumerate(request.headers.get("accept-language", "")[:400].split(",")):
        name, _, weight = part.strip().partition(";q=")
        language = name.partition("-")[0].lower()
        if language in LANGUAGES:
            is_number = re.fullmatch(r"[01](\.[0-9]{1,3})?", weight) is not None
            wanted.append((-float(weight) if is_number else -1.0, order, language))
    return min(wanted)[2] if wanted else LANGUAGES[0]


def safe_place(place: str) -> str:
    """An address of this site that may be gone to; otherwise the first page."""
    return place if _PLACE.fullmatch(place) else "/"
