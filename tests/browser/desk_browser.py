"""A desk of real processes and a headless chromium that looks at its page."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from simulator.live.arguments import WELCOME
from tests.simulator.desk.desk_rig import PATIENCE_S, DeskRun
from tools import tree

CHROMIUM = "/usr/bin/chromium"
AXE = tree.ROOT / "node_modules" / "axe-core" / "axe.min.js"
#: The pages are our own; root may not have chromium's sandbox.
FLAGS = ("--no-sandbox", "--disable-gpu")
LAPTOP = {"width": 1280, "height": 800}
PATIENCE_MS = PATIENCE_S * 1000

expect.set_options(timeout=PATIENCE_MS)


@contextmanager
def chromium() -> Iterator[Browser]:
    """Fails where it is not installed."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        try:
            yield browser
        finally:
            browser.close()


class Desk:
    """`run`: the processes; `page`: what chromium shows of them. Errors in the page are kept.

    `is_calm`: for who wants no motion, since a chromium without a graphics card paints at the cost
    of the other tests.
    """

    def __init__(
        self,
        browser: Browser,
        folder: Path,
        *options: str,
        story: str = "",
        is_calm: bool = False,
    ) -> None:
        text = story or WELCOME.read_text(encoding="utf-8")
        self.run = DeskRun(folder, *options, story=text)
        self._browser = browser
        self._how = {"viewport": LAPTOP} | ({"reduced_motion": "reduce"} if is_calm else {})
        self.errors: list[str] = []
        self.address = self.run.told(r"desk page +(http://127\.0\.0\.1:\d+)")[1]
        self.run.until_told("The car is yours.") if not story else None
        self.page = self.look()

    def look(self, **how: Any) -> Page:
        """Another window on it."""
        page = self._browser.new_page(**{**self._how, **how})
        page.set_default_timeout(PATIENCE_MS)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", lambda said: self.errors.append(said.text) if is_bad(said) else None)
        page.goto(self.address)
        expect(page.locator("body")).to_have_attribute("data-feed", "there")
        expect(page.locator("#state")).not_to_have_text("–")
        return page

    def __call__(self, selector: str) -> Locator:
        return self.page.locator(selector)

    def press(self, *selectors: str) -> None:
        for selector in selectors:
            self(selector).click()

    def tap(self) -> None:
        """With the driver's own card, as soon as a touch of it counts again (TOUCH-1)."""
        self("[data-card=own]:not([aria-disabled=true])").click()

    def until_state(self, name: str) -> None:
        """Unlocked: decided, and the motors have done it, so that a door can be opened."""
        expect(self("#state")).to_have_text(name)
        if name == "unlocked":
            expect(self("#locked")).to_have_text("UNLOCKED")

    def until_hint(self, part: str) -> None:
        expect(self("#hint")).to_contain_text(part)

    def until_logged(self, part: str) -> None:
        expect(
            self(
                "#log li",
            )
            .filter(has_text=part)
            .first
        ).to_be_attached()

    def close(self) -> None:
        self.page.close()
        self.run.close()


def is_bad(said: Any) -> bool:
    """A request that is refused is news in the console, but no error of the page."""
    return said.type in ("error", "warning") and "Failed to load resource" not in said.text


def findings(page: Page) -> list[str]:
    """What axe has against the page as it is."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found: list[dict[str, Any]] = page.evaluate("axe.run()")["violations"]
    return [f"{one['id']}: {one['nodes'][0]['target']}" for one in found]
