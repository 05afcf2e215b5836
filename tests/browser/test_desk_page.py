"""The desk page itself: for everybody, at every width, when processes go and come, its stories."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.desk_browser import Desk, findings
from tests.browser.desk_picture import smaller
from tools import tree

OWN = "[data-card=own]"
PICTURE_BYTES_MAX = 200_000


@pytest.fixture(name="desk", scope="module")
def waiting_desk(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """Nobody touches it. Its tests come last: its page draws pictures beside theirs."""
    desk = Desk(browser, tmp_path_factory.mktemp("page"))
    yield desk
    assert desk.errors == []
    desk.close()


@pytest.fixture(name="own_desk")
def touched_desk(browser: Browser, tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(browser, tmp_path, is_calm=True)
    yield desk
    assert desk.errors == []
    desk.close()


def overflow(page: Page) -> list[int]:
    """Pixels that do not fit: across, down."""
    root = "document.documentElement"
    found: list[int] = page.evaluate(
        f"[{root}.scrollWidth - innerWidth, {root}.scrollHeight - innerHeight]"
    )
    return found


#: Before what is looked for in the same breath, so that the words stay.
_LONGEST = """
  for (const one of document.querySelectorAll("[data-card] span")) one.textContent = "at the reader";
  document.querySelector("#key span").textContent = "Put the key in";
"""

#: Controls and labels whose words are wider than themselves.
_CUT = """() => [...document.querySelectorAll("button, .keybox, .reader, .card b, .card span")]
  .filter((one) => one.getClientRects().length)
  .filter((one) => one.scrollWidth > one.clientWidth + 1 && getComputedStyle(one).display !== "inline")
  .map((one) => one.textContent.trim())"""

#: Buttons whose words or picture stand in the room that is left free at their edge.
_TIGHT = """() => [...document.querySelectorAll("button:not(:has(.unseen))")]
  .filter((one) => one.getClientRects().length)
  .filter((one) => {
    const range = document.createRange();
    range.selectNodeContents(one);
    const inner = range.getBoundingClientRect(), outer = one.getBoundingClientRect();
    const style = getComputedStyle(one);
    const room = (side) => parseFloat(style[`padding${side}`]) + parseFloat(style[`border${side}Width`]);
    return inner.left < outer.left + room("Left") - 1 || inner.right > outer.right - room("Right") + 1;
  })
  .map((one) => one.textContent.trim())"""

#: Pairs of things around the picture of the car that lie upon each other.
_COVERED = """() => {
  const boxes = [...document.querySelectorAll(".scene .tag, .facts, .sounds, .reader, .keybox")]
    .map((one) => {
      const range = document.createRange();
      range.selectNodeContents(one);
      const own = one.matches(".facts, .sounds") ? range : one;
      return [one.textContent.trim().slice(0, 20), own.getBoundingClientRect()];
    });
  return boxes.flatMap(([name, a], at) => boxes.slice(at + 1)
    .filter(([, b]) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom)
    .map(([other]) => `${name} / ${other}`));
}"""


def test_faster_than_life_it_does_not_flicker(moving_desk: Desk) -> None:
    """At x60 the lines in the car change a hundred times a second; nobody should look at that."""
    moving_desk.press("[data-rate='60']")
    expect(moving_desk("[data-rate='60']")).to_have_attribute("aria-pressed", "true")
    changes = moving_desk.page.evaluate("""new Promise(resolve => {
        let changes = 0;
        const lamp = document.querySelector("#lamp");
        new MutationObserver(found => { changes += found.length; })
            .observe(lamp, { attributes: true, attributeFilter: ["class"] });
        const ends = performance.now() + 2000;
        const look = now => now < ends ? requestAnimationFrame(look) : resolve(changes);
        requestAnimationFrame(look);
    })""")
    assert 1 <= changes <= 6
    # Nor is it silent when the phone waits for an answer, and time for both.
    moving_desk.press("[data-net=down]", "[data-do='site start']")
    expect(moving_desk("#said")).to_have_text("phone: start")
    expect(moving_desk("#pace")).to_have_text("×1 until the answer is there")
    assert moving_desk.errors == []


def test_a_car_that_is_killed_is_said_to_be_gone_and_comes_back(own_desk: Desk) -> None:
    own_desk.tap()
    own_desk.until_state("unlocked")
    own_desk.run.kill("car")
    own_desk.until_logged("The car is back")
    expect(own_desk("#banner")).to_be_empty()
    own_desk.until_state("unlocked")
    own_desk.run.kill("desk")
    own_desk.run.until_told("The page was killed by signal 9; it is started again.")
    expect(own_desk("#banner")).to_be_empty()
    own_desk.press("[data-open=driver]")
    own_desk.until_state("boarding")


def test_a_story_step_by_step_and_taken_over(own_desk: Desk) -> None:
    """All begins anew for it; the hands may have the car at any time, and give it back."""
    own_desk.press("#choose")
    own_desk("#begin-story").select_option(label="A rental day")
    own_desk.press("#begin-step")
    expect(own_desk("#story-title")).to_have_text("A rental day")
    expect(own_desk("#story-at")).to_contain_text("step 0 of ")
    expect(own_desk("#pace")).to_have_text("time stands still")
    own_desk.press("#step")
    expect(own_desk("#story-at")).to_contain_text("step 1 of ")
    expect(own_desk("#pace")).to_have_text("time stands still")
    expect(own_desk("#story-next")).to_contain_text("mails: booking_made")
    own_desk.press("[data-toggle=window]")
    expect(own_desk("#story-at")).to_contain_text("you drive")
    expect(own_desk("[data-toggle=window]")).to_have_text("Window open")
    own_desk.press("#step")
    own_desk.until_logged("mails: booking_made")
    expect(own_desk("#story-at")).to_contain_text("step 2 of ")
    # A story of another operator comes with that operator's terms.
    expect(own_desk("[data-offer=enrol]")).to_be_hidden()
    own_desk.press("#choose")
    own_desk("#begin-story").select_option(label="The staff open and lock a car that nobody has")
    expect(own_desk("#begin-profile")).to_have_value("jparc-2023")
    own_desk.press("#begin-step")
    expect(own_desk("[data-offer=enrol]")).to_be_visible()
    expect(own_desk("[data-offer=reunlock]")).to_be_visible()
    assert overflow(own_desk.page) == [0, 0]
    expect(own_desk("#story-at")).to_contain_text("step 0 of ")
    expect(own_desk("#pace")).to_have_text("time stands still")
    own_desk.press("[data-card=staff]")
    own_desk.until_logged("staff in: card 0001")
    expect(own_desk("#locked")).to_have_text("UNLOCKED")
    expect(own_desk("#hint")).to_contain_text("a staff card locks it")


def test_another_interpreter_under_the_same_rental(own_desk: Desk) -> None:
    """SAFE-3: what one wrote to the journal the other reads."""
    own_desk.tap()
    own_desk.until_state("unlocked")
    own_desk.press("[data-open=driver]", "#knob", "#key")
    own_desk.until_state("in use")
    own_desk.press("#choose")
    own_desk("#begin-vm").select_option("micropython")
    own_desk.press("#begin-vm-only")
    expect(own_desk("#machine")).to_contain_text("MicroPython")
    own_desk.until_state("in use")
    expect(own_desk("#key")).to_have_text("Put the key in")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_its_picture(own_desk: Desk, scheme: str) -> None:
    """Where the end is refused: most of the car has something to show. PICTURES= keeps them."""
    own_desk.tap()
    own_desk.until_state("unlocked")
    own_desk.press("[data-open=driver]")
    own_desk.until_state("boarding")
    own_desk.press("#knob", "#key")
    own_desk.until_state("in use")
    own_desk.press("[data-toggle=lights]", "[data-open=trunk]", "#key", "#knob")
    own_desk.until_state("key returned")
    page = own_desk.look(color_scheme=scheme, reduced_motion="reduce")
    own_desk.tap()
    expect(page.locator("#said")).to_contain_class("refused")
    expect(page.locator("#car")).to_contain_class("flashing")
    page.click("#pause")
    expect(page.locator("#pace")).to_have_text("time stands still")
    picture = smaller(page.screenshot(animations="disabled"))
    assert 20_000 < len(picture) < PICTURE_BYTES_MAX
    folder = tree.ROOT / os.environ.get("PICTURES", "build/pictures")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"desk-{scheme}.png").write_bytes(picture)
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(desk: Desk, scheme: str) -> None:
    page = desk.look(color_scheme=scheme, reduced_motion="reduce")
    assert findings(page) == []
    for opener, dialog in (("#keys", "#key-list"), ("#choose", "#begin")):
        page.click(opener)
        expect(page.locator(dialog)).to_be_visible()
        assert findings(page) == []
        page.keyboard.press("Escape")
    page.close()


def test_on_a_laptop_nothing_scrolls_and_nothing_is_cut(desk: Desk) -> None:
    assert overflow(desk.page) == [0, 0]
    for selector in (OWN, "#hint", "#reader", "#drive", "#stick", "#state", "[data-card=staff]"):
        expect(desk(selector)).to_be_in_viewport(ratio=1)


@pytest.mark.parametrize("width", [1280, 1024, 768, 390, 360])
def test_narrower_it_scrolls_down_but_no_word_is_cut_or_covered(desk: Desk, width: int) -> None:
    """Nor where a label has the longest of its words."""
    page = desk.look(viewport={"width": width, "height": 768})
    assert overflow(page)[0] == 0
    for finds in (_CUT, _TIGHT, _COVERED):
        assert page.evaluate(f"() => {{ {_LONGEST} return ({finds})(); }}") == []
    page.close()


def test_the_lamp_blinks_as_in_the_car_and_stands_where_motion_is_not_wanted(desk: Desk) -> None:
    expect(desk("#lamp")).to_contain_class("red")
    expect(desk("#lamp")).not_to_contain_class("red")
    expect(desk("#lamp")).to_contain_class("red")
    calm = desk.look(reduced_motion="reduce")
    dark = """new Promise(resolve => {
        let times = 0;
        const look = () => {
            if (!document.querySelector("#lamp").classList.contains("red")) return resolve(true);
            if (++times > 90) return resolve(false);
            requestAnimationFrame(look);
        };
        look();
    })"""
    expect(calm.locator("#lamp")).to_contain_class("red")
    assert calm.evaluate(dark) is False
    calm.close()


def test_the_phone_and_who_logs_in_there(desk: Desk) -> None:
    who = desk.run.told(r"demo driver +(\S+), password (\S+), card")
    phones = desk.run.told(r"phones +(\S+)")[1]
    expect(desk("#site")).to_contain_text(f"{who[1]}, password {who[2]}")
    expect(desk("#site a")).to_have_attribute("href", phones)
