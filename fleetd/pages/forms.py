"""What a form sends, and whether it is ours: a token that only our pages hold, and the origin."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from urllib.parse import parse_qsl

from fleetd.api.answers import Wrong

FIELDS_MAX = 20
_MEDIA = "application/x-www-form-urlencoded"


def parse_form(body: bytes, media: str) -> dict[str, str]:
    """Names to texts; a name that comes twice is wrong."""
    if media != _MEDIA:
        raise Wrong("bad_form")
    try:
        pairs = parse_qsl(
            body.decode("ascii"), keep_blank_values=True, errors="strict",
            max_num_fields=FIELDS_MAX,
        )  # fmt: skip
    except ValueError:
        raise Wrong("bad_form") from None
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Wrong("bad_form")
    return found


def form_token(secret: str) -> str:
    """Of the log-in, or of the visit before it: another site can neither read nor make it."""
    return hmac.new(secret.encode(), b"form", hashlib.sha256).hexdigest()


def check_origin(
    secret: str, form: Mapping[str, str], headers: Mapping[str, str], own: str
) -> None:
    """`own`: this site as browsers write an origin. Wrong unless the form is ours."""
    given = form.get("form", "").encode("utf-8", "replace")
    if not hmac.compare_digest(given, form_token(secret).encode()):
        raise Wrong("bad_form")
    if headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        raise Wrong("bad_form")
    if headers.get("origin", own) != own:
        raise Wrong("bad_form")


def new_key() -> str:
    """Made with the form: a second tap, or a reload, orders the same thing."""
    return secrets.token_hex(16)
