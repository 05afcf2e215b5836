"""A real chromium, a real daemon, and a car at the other end of it."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from playwright.sync_api import Browser, BrowserContext, ViewportSize, sync_playwright

from tests.browser import desk_browser
from tests.browser.car import Hands, ObedientCar
from tests.browser.desk_browser import Desk
from tests.browser.phone_rig import Phone
from tests.fleetd.daemon import PATIENCE_S, Daemon
from tests.fleetd.rig import Clock

#: A small phone.
SIZE = ViewportSize(width=390, height=844)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Debian's; a test that lacks it fails. Not for longer: it holds the thread's event loop."""
    path = shutil.which("chromium")
    assert path, "there is no chromium: make debian-packages"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path)
        yield browser
        browser.close()


@pytest.fixture
def hands() -> Iterator[Hands]:
    found = Hands()
    with found.server:
        yield found


@pytest.fixture
def daemon(tmp_path: Path, hands: Hands, request: pytest.FixtureRequest) -> Iterator[Daemon]:
    """On the terms of `top24-2023`, or those that the test names indirectly."""
    profile = getattr(request, "param", "top24-2023")
    found = Daemon(tmp_path, "--clock", f"127.0.0.1:{hands.server.port}", profile=profile)
    yield found
    assert found.stop() == 0
    # No trace, no refusal, and no secret either.
    assert found.log.read_text() == ""


@pytest.fixture
def car(daemon: Daemon, hands: Hands) -> Iterator[ObedientCar]:
    found = ObedientCar(daemon, cast(Clock, hands))
    yield found
    found.leave()


@pytest.fixture
def phone_of(chromium: Browser, daemon: Daemon) -> Iterator[Callable[..., Phone]]:
    """Makes a phone with a page; options are those of a browser context."""
    contexts: list[BrowserContext] = []

    def make(**options: Any) -> Phone:
        context = chromium.new_context(
            viewport=SIZE, is_mobile=True, has_touch=True,
            **({"locale": "ja-JP", "timezone_id": "America/Lima"} | options),
        )  # fmt: skip
        context.set_default_timeout(PATIENCE_S * 1000)
        contexts.append(context)
        has_script = options.get("java_script_enabled", True)
        return Phone(context.new_page(), daemon, has_script=has_script)

    yield make
    for context in contexts:
        context.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """For desks."""
    with desk_browser.chromium() as found:
        yield found


@pytest.fixture
def desk(browser: Browser, tmp_path: Path) -> Iterator[Desk]:
    """One of real processes, for this test alone."""
    found = Desk(browser, tmp_path, is_calm=True)
    yield found
    found.close()


@pytest.fixture
def moving_desk(browser: Browser, tmp_path: Path) -> Iterator[Desk]:
    """For who does not mind what moves: cards fly, the road passes."""
    found = Desk(browser, tmp_path)
    yield found
    found.close()
