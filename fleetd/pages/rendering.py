"""Templates, the headers of every page, and the files that pages load."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from fleetd.pages.forms import form_token
from fleetd.pages.visit import Visit
from fleetd.sentences import LANGUAGES, SENTENCES

_HERE = Path(__file__).parent
_MEDIA = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}

#: A page is about one person and one moment, loads only our own files, runs nothing that stands
#: in the page itself, and is shown in no other site's frame. `same-origin`: without a referrer
#: browsers would not say either where a form comes from.
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self';"
        " connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
#: Where pages come by TLS, they never come without.
SECURE_HEADERS = {"Strict-Transport-Security": "max-age=31536000"}


@dataclass(frozen=True, slots=True)
class Page:
    """`live` is the template of the part that follows the car, if it has one.

    `every_ms`: how soon the script asks again; `refresh_s`: how soon a browser without one does,
    0: never; `say`: what a screen reader is told when it changes.
    """

    template: str
    title: str
    values: Mapping[str, Any] = field(default_factory=dict)
    status: int = 200
    live: str = ""
    every_ms: int = 0
    refresh_s: int = 0
    say: str = ""


@dataclass(frozen=True, slots=True)
class GoTo:
    """Another page. `token`: the log-in from now on, "" ends it, None leaves it."""

    place: str
    token: str | None = None


@dataclass(frozen=True, slots=True)
class StaticFile:
    body: bytes
    media: str
    version: str


def _static_files() -> dict[str, StaticFile]:
    found = {}
    for path in sorted((_HERE / "static").iterdir()):
        body = path.read_bytes()
        version = hashlib.sha256(body).hexdigest()[:12]
        found[path.name] = StaticFile(body, _MEDIA[path.suffix], version)
    return found


STATIC = _static_files()


def _address(name: str) -> str:
    """A file that changes has another address, so that it may be kept for ever."""
    return f"/static/{name}?v={STATIC[name].version}"


_templates = Environment(
    loader=FileSystemLoader(_HERE / "templates"), autoescape=True, undefined=StrictUndefined,
    trim_blocks=True, lstrip_blocks=True,
)  # fmt: skip


def render(page: Page, visit: Visit) -> str:
    """The whole page."""
    values = _values(page, visit)
    live = Markup(render_live(page, visit)[0]) if page.live else ""  # noqa: S704 - escaped already
    return _templates.get_template(page.template).render(values, live=live)


def render_live(page: Page, visit: Visit) -> tuple[str, str]:
    """(the part that follows the car, its version)."""
    inner = _templates.get_template(page.live).render(_values(page, visit))
    about = f"{page.every_ms} {page.refresh_s} {inner}"
    version = hashlib.sha256(about.encode()).hexdigest()[:16]
    whole = _templates.get_template("live.html").render(
        inner=Markup(inner),  # noqa: S704 - escaped already
        version=version, every_ms=page.every_ms, say=page.say,
    )  # fmt: skip
    return whole, version


def _values(page: Page, visit: Visit) -> dict[str, Any]:
    other = next(name for name in LANGUAGES if name != visit.language)
    return {
        "language": visit.language,
        "other_language": other,
        "other_language_name": SENTENCES[other].text("page", "language_name"),
        "place": visit.place,
        "is_logged_in": bool(visit.token),
        "form_token": form_token(visit.secret),
        "text": visit.words.text,
        "static": _address,
        "title": page.title,
        "refresh_s": page.refresh_s,
        "problem": None,
        **page.values,
    }
