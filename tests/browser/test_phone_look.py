"""How the phone site looks to whom it may concern: barriers, weight, things that jump, pictures."""

import os
from collections.abc import Callable
from typing import Any, Literal

import pytest
from playwright.sync_api import Page, ViewportSize

from tests.browser import day
from tests.browser.car import ObedientCar
from tests.browser.conftest import SIZE
from tests.browser.phone_rig import Phone
from tools import tree

AXE = (tree.ROOT / "node_modules/axe-core/axe.min.js").read_text(encoding="utf-8")
BYTES_MAX = 100_000
PICTURE_BYTES_MAX = 150_000
#: Pages that say most, and in which language and colours they are kept.
KEPT = {
    ("ja-JP", "light"): ("in-use", "end-refused", "day"),
    ("en-GB", "dark"): ("in-use", "started"),
}
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
#: The smallest phone that is still about.
SMALL = ViewportSize(width=320, height=568)
#: A finger's breadth.
TOUCH_PX_MIN = 44

_TARGETS = """() => [...document.querySelectorAll('main a, main button, header a, header button,'
  + ' main input:not([type=hidden]), main select, main summary')]
  .filter((one) => one.getClientRects().length)
  .map((one) => [one.outerHTML.slice(0, 80), one.getBoundingClientRect().height])"""

#: The page itself and what it loads; not what it asks for later to stay up to date.
_WEIGH = """() => Object.fromEntries(
  [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]
  .filter((one) => one.initiatorType !== 'fetch')
  .map((one) => [new URL(one.name).pathname.split('/').pop(), one.decodedBodySize]))"""


def barriers(page: Page) -> list[str]:
    """What axe finds, by every rule that it has."""
    page.evaluate(AXE)
    found: dict[str, Any] = page.evaluate("axe.run(document, { resultTypes: ['violations'] })")
    return [f"{one['id']}: {one['nodes'][0]['html'][:120]}" for one in found["violations"]]


@pytest.mark.parametrize("locale", ["ja-JP", "en-GB"])
def test_every_page_of_a_day_and_its_picture(
    phone_of: Callable[..., Phone], car: ObedientCar, locale: str
) -> None:
    """No barrier that axe knows, nothing that jumps, large targets, no sideways scrolling."""
    phone = phone_of(locale=locale)
    page = phone.page
    found: dict[str, list[str]] = {}
    names: list[str] = []

    def look(name: str) -> None:
        names.append(name)
        problems = [html for html, height in page.evaluate(_TARGETS) if height < TOUCH_PX_MIN]
        if phone.shifted:
            problems.append(f"moved by {phone.shifted}")
        for size in (SMALL, SIZE):
            page.set_viewport_size(size)
            if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
                problems.append(f"scrolls sideways: {size['width']}")
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme)
            problems += [f"{scheme}: {one}" for one in barriers(page)]
            if name in KEPT.get((locale, scheme), ()):
                keep(page, f"phone-{name}-{locale[:2]}-{scheme}")
        if problems:
            found[name] = problems

    phone.seen = look
    day.live(phone, car)
    assert found == {}
    assert tuple(names) == day.NAMES
    assert phone.complaints == []


def keep(page: Page, name: str) -> None:
    """In the folder that PICTURES names, docs/pictures; small in any case."""
    png = page.screenshot(animations="disabled")
    assert len(png) < PICTURE_BYTES_MAX
    folder = os.environ.get("PICTURES")
    if folder:
        (tree.ROOT / folder / f"{name}.png").write_bytes(png)


def test_a_page_with_everything_is_small(phone_of: Callable[..., Phone], car: ObedientCar) -> None:
    """Under 100 KB each with style, script and all, as it comes out of the wire."""
    phone = phone_of()
    weights: dict[str, int] = {}

    def weigh(name: str) -> None:
        phone.page.wait_for_load_state("load")
        weighed: dict[str, int] = phone.page.evaluate(_WEIGH)
        assert {"phone.css", "phone.js"} <= set(weighed), name
        assert min(weighed.values()) > 0
        weights[name] = sum(weighed.values())

    phone.seen = weigh
    day.live(phone, car)
    assert tuple(weights) == day.NAMES
    assert max(weights.values()) < BYTES_MAX
