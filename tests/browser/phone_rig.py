"""A driver's phone in a real browser: what is touched, and what is seen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, Response, expect

from tests.fleetd.daemon import PATIENCE_S, Daemon

PASSWORD = "long enough"
expect.set_options(timeout=PATIENCE_S * 1000)

#: Adds up what moved without being touched, from the first moment of every page.
WATCH_SHIFTS = """
window.shifted = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifted += entry.value;
}).observe({ type: "layout-shift", buffered: true });
"""


class Phone:
    """`seen` is called with a name on each page that a walk comes to."""

    def __init__(self, page: Page, daemon: Daemon, *, has_script: bool = True) -> None:
        self.page = page
        self.daemon = daemon
        self.has_script = has_script
        self.seen: Callable[[str], None] = lambda _name: None
        self.complaints: list[str] = []
        self.loads = 0
        page.add_init_script(WATCH_SHIFTS)
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("load", lambda _page: self._count())

    def _count(self) -> None:
        self.loads += 1

    def _hear(self, message: Any) -> None:
        # Refusals come with a status of their own, which the console calls an error.
        if message.type in ("error", "warning") and "the server responded with" not in message.text:
            self.complaints.append(message.text)

    def go(self, path: str) -> Response | None:
        return self.page.goto(f"http://127.0.0.1:{self.daemon.http_port}{path}")

    def touch(self, selector: str) -> None:
        self.page.locator(selector).first.click()

    def follow(self, selector: str) -> None:
        """Touches what leads to another address, and is there when it returns: a click alone may
        return while the old page still stands, or while there is no page at all."""
        here = self.page.url
        with self.page.expect_navigation(url=lambda url: url != here):
            self.touch(selector)

    def confirm(self) -> None:
        """The large button of a form."""
        self.follow("main form button.main")

    def type(self, **fields: str) -> None:
        for name, text in fields.items():
            self.page.fill(f"#{name}", text)

    def is_at(self, pattern: str) -> None:
        expect(self.page).to_have_url(_address(self.daemon, pattern))

    def log_in(self) -> None:
        """For the first time, with the password of the mail."""
        self.go("/")
        self.is_at("/login")
        self.seen("login")
        self.type(id=self.daemon.driver, password=self.daemon.first_password)
        self.confirm()
        self.is_at("/password")
        self.seen("password")
        self.type(old=self.daemon.first_password, new=PASSWORD, again=PASSWORD)
        self.confirm()
        self.is_at("/\\?done=password")
        self.seen("empty")

    def book(self) -> None:
        """The first free quarter hour of the only car."""
        self.follow("#new")
        self.seen("cars")
        self.follow(".list a")
        self.seen("day")
        self.follow("a.cell")
        self.seen("book")
        self.confirm()
        self.is_at("/bookings/1\\?done=book")
        self.seen("booked")

    def operate(self, verb: str) -> None:
        """From the list of bookings to the page that waits for the car."""
        self.go("/")
        self.follow(f"#b1-{verb}")
        self.seen(f"{verb}-confirm")
        self.confirm()
        self.is_at("/commands/[0-9a-f]{16}")

    def until_phase(self, phase: str) -> None:
        expect(self.page.locator("[data-phase]")).to_have_attribute("data-phase", phase)

    def until_state(self, state: str) -> None:
        expect(self.page.locator(f".card .state.{state}")).to_be_visible()

    @property
    def shifted(self) -> float:
        """How much of this page has moved without being touched."""
        return float(self.page.evaluate("window.shifted"))


def _address(daemon: Daemon, pattern: str) -> Any:
    import re

    return re.compile(rf"^http://127\.0\.0\.1:{daemon.http_port}{pattern}$")
