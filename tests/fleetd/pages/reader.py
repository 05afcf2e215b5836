"""A browser without script, as far as the site can tell: cookies, forms, redirects."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, field
from html import unescape
from html.parser import HTMLParser
from http.cookies import SimpleCookie
from urllib.parse import urlencode

from starlette.applications import Starlette

from fleetd.core import passwords
from fleetd.store import account_rows
from tests.fleetd import asgi
from tests.fleetd.api.phone import application_of, phone_of
from tests.fleetd.rig import Desk

HOST = "phone.example.org"


@dataclass
class Form:
    action: str
    fields: dict[str, str] = field(default_factory=dict)


@dataclass
class Sheet:
    """A page as it came."""

    place: str
    status: int
    headers: dict[str, str]
    cookies: list[str]
    html: str

    @property
    def text(self) -> str:
        """What is read, without tags."""
        bare = re.sub(r"<(style|script|noscript).*?</\1>", " ", self.html, flags=re.S)
        return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", bare))).strip()

    @property
    def codes(self) -> list[str]:
        """Of the refusals that it explains."""
        return re.findall(r'data-code="([a-z_]+)"', self.html)

    @property
    def links(self) -> list[str]:
        return [unescape(found) for found in re.findall(r'href="([^"]+)"', self.html)]

    def form(self, action: str = "") -> Form:
        """The form to that address; the first one that is no log-out."""
        found = _Forms(self.html).forms
        chosen = [one for one in found if one.action != "/logout"] if not action else [
            one for one in found if one.action == action
        ]  # fmt: skip
        assert chosen, f"{self.place}: no form {action} in {self.text}"
        return chosen[0]


class _Forms(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._select = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(Form(found["action"]))
        elif tag == "input" and "name" in found:
            self.forms[-1].fields[found["name"]] = found.get("value", "")
        elif tag == "select":
            self._select = found["name"]
        elif tag == "option" and "value" in found:
            fields = self.forms[-1].fields
            if "selected" in found or self._select not in fields:
                fields[self._select] = found["value"]


class Reader:
    """`headers` go with every request."""

    def __init__(self, application: Starlette, scheme: str = "http", **headers: str) -> None:
        self.application = application
        self.scheme = scheme
        self.cookies: dict[str, str] = {}
        self.headers = {"accept": "text/html", "accept-language": "en"}
        self.headers |= {name.replace("_", "-"): value for name, value in headers.items()}

    def get(self, place: str, **headers: str) -> Sheet:
        """Follows redirects, as a browser does."""
        sheet = self.ask("GET", place, b"", headers)
        for _ in range(5):
            if sheet.status != 303:
                return sheet
            sheet = self.ask("GET", sheet.headers["location"])
        raise AssertionError(f"{place}: redirected for ever")

    def send(self, form: Form, **fields: str) -> Sheet:
        """Sends a form; the page that comes of it."""
        sheet = self.post(form.action, {**form.fields, **fields})
        return self.get(sheet.headers["location"]) if sheet.status == 303 else sheet

    def post(self, place: str, fields: dict[str, str], **headers: str) -> Sheet:
        named = {"content-type": "application/x-www-form-urlencoded",
                 "origin": f"{self.scheme}://{HOST}", "sec-fetch-site": "same-origin"}  # fmt: skip
        raw = urlencode(fields).encode()
        return self.ask("POST", place, raw, named | headers)

    def ask(
        self, method: str, place: str, raw: bytes = b"", more: dict[str, str] | None = None
    ) -> Sheet:
        headers = {**self.headers, "host": HOST}
        if self.cookies:
            headers["cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        headers |= {name.replace("_", "-"): value for name, value in (more or {}).items()}
        return asyncio.run(self._ask(method, place, raw, headers))

    async def _ask(self, method: str, place: str, raw: bytes, headers: dict[str, str]) -> Sheet:
        client = ("192.0.2.1", 50000)
        said = await asgi.ask(
            self.application, method, place, raw, headers, scheme=self.scheme, client=client
        )
        pairs = [(name.decode().lower(), value.decode()) for name, value in said[0]["headers"]]
        cookies = [value for name, value in pairs if name == "set-cookie"]
        for line in cookies:
            for name, morsel in SimpleCookie(line).items():
                self.cookies[name] = morsel.value
                if not morsel.value:
                    del self.cookies[name]
        html = b"".join(part.get("body", b"") for part in said[1:]).decode()
        return Sheet(place, said[0]["status"], dict(pairs), cookies, html)


def reader_of(desk: Desk, account: str = "", language: str = "en") -> Reader:
    """Logged in without the work of hashing."""
    found = Reader(application_of(desk), accept_language=language)
    found.cookies["session"] = phone_of(desk, account).token
    return found


def password_of(desk: Desk, account: str, password: str) -> None:
    """A password of the account's own."""
    salt = bytes(passwords.SALT_BYTES)
    with desk.db.transaction():
        hashed = passwords.hash_password(password, salt)
        account_rows.put_password(desk.db, account, salt, hashed, must_change=False)
