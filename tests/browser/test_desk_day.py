"""Whole rental days on the desk page: clicked, by keyboard alone, with what goes wrong between."""

from playwright.sync_api import expect

from tests.browser.desk_browser import Desk

OWN = "[data-card=own]"


def test_a_day_by_card(desk: Desk) -> None:
    """START-3, SAFE-3, END-1, END-3, END-4, END-5: also without power and network in between."""
    desk.until_hint("touch it with your card")
    expect(desk("#lamp-says")).to_have_text("blinks red")
    desk.tap()
    desk.until_state("unlocked")
    expect(desk("#locked")).to_have_text("UNLOCKED")
    desk.press("[data-open=driver]")
    desk.until_state("boarding")
    expect(desk("#car [data-door=driver]")).to_contain_class("open")
    desk.press("#knob", "#key")
    desk.until_state("in use")
    desk.press("[data-open=driver]", "[data-toggle=engine]", "[data-toggle=brake]", "[data-gear=D]")
    desk.press("[data-power=cut]")
    desk.until_hint("The box has no power")
    desk.press("[data-power=on]")
    desk.until_state("in use")
    desk.press("[data-net=down]")
    expect(desk("[data-net=down]")).to_have_attribute("aria-pressed", "true")
    desk.press("[data-rate='60']", "#drive")
    expect(desk("#car")).to_contain_class("moving")
    expect(desk("#car")).not_to_contain_class("moving")
    desk.press("[data-rate='1']")
    # Back, but the trunk is open: refused, with the reason.
    desk.press("[data-gear=P]", "[data-toggle=brake]", "[data-toggle=engine]")
    desk.press("[data-open=trunk]", "#key", "#knob")
    desk.until_state("key returned")
    desk.until_hint("To end: close the doors.")
    desk.tap()
    expect(desk("#said")).to_have_text("A door is open.")
    expect(desk("#said")).to_contain_class("refused")
    expect(desk("#buzzer")).to_contain_class("on")
    expect(desk("#hazard")).to_contain_class("on")
    desk.press("[data-open=trunk]")
    desk.until_hint("touch the reader with your card to end")
    desk.tap()
    desk.until_state("ended")
    expect(desk("#locked")).to_have_text("LOCKED")
    # The daemon hears of all of it when the network is back.
    desk.press("[data-net=up]")
    desk.until_logged("mail end accepted")
    expect(desk("#bookings li").first).to_contain_text("ended")
    desk.press("[data-rate='60']", "#jump")
    desk.until_state("vacant")
    assert desk.errors == []


def test_a_day_by_keyboard_alone(moving_desk: Desk) -> None:
    """With Tab and Enter to open the car, with letters from then on."""
    desk = moving_desk
    keyboard = desk.page.keyboard
    desk.until_hint("touch it with your card")
    for _ in range(20):
        keyboard.press("Tab")
        if desk(f"{OWN}:focus").count():
            break
    assert desk(f"{OWN}:focus").count() == 1
    keyboard.press("Enter")
    desk.until_state("unlocked")
    for _ in range(40):
        keyboard.press("Tab")
        if desk("[data-open=driver]:focus").count():
            break
    keyboard.press("Space")  # presses the door, and does not pause
    desk.until_state("boarding")
    expect(desk("#pause")).to_have_attribute("aria-pressed", "false")
    for key in "nkd":
        keyboard.press(key)
    desk.until_state("in use")
    for key in "kn":
        keyboard.press(key)
    desk.until_hint("touch the reader with your card to end")
    expect(desk(OWN)).to_have_attribute("aria-disabled", "false")
    keyboard.press("t")
    desk.until_state("ended")
    keyboard.press("?")
    expect(desk("#key-list")).to_be_visible()
    keyboard.press("Escape")
    # Who speaks to the machine turns the letters off.
    desk("#keys").click()
    desk("#letters").uncheck()
    keyboard.press("Escape")
    keyboard.press("c")
    keyboard.press("?")
    expect(desk("#key-list")).to_be_visible()
    expect(desk("[data-power=on]")).to_have_attribute("aria-pressed", "true")
    assert desk.errors == []


def test_a_card_is_dragged_to_the_reader(desk: Desk) -> None:
    """A card that is let go elsewhere touched nothing."""
    desk.until_hint("touch it with your card")
    desk(OWN).drag_to(desk("#locked"))
    desk("[data-card=unknown]").drag_to(desk("#reader"))
    expect(desk("#said")).to_have_text("The car does not know this card.")
    desk.until_state("vacant")
    assert "34CD" not in desk("#log").inner_text()
    desk(OWN).drag_to(desk("#reader"))
    desk.until_state("unlocked")
    assert desk.errors == []


def test_trouble_is_made_shown_and_taken_back(desk: Desk) -> None:
    desk.press("[data-reader=dead]")
    expect(desk("#lamp-says")).to_contain_text("hears no card")
    desk("#input").select_option("brake")
    desk("#value").select_option("unknown")
    desk.press("#stick")
    desk.press("[aria-label='Free the input brake, stuck at unknown']")
    expect(desk("#stuck li")).to_have_count(0)
    desk.press("[data-reader=alive]", "[data-battery=low]")
    expect(desk("#lamp-says")).not_to_contain_text("hears no card")
    expect(desk("#facts")).to_contain_text("11.4 V")
    desk.press("[data-net=down]", "[data-do='clock jump +1h']")
    expect(desk("#machine")).to_contain_text("clock +3600 s")
    desk.press("[data-do='clock jump -1h']", "[data-net=up]")
    expect(desk("#machine")).not_to_contain_text("clock")
    desk.press("[data-do=hang]")
    desk.until_hint("The program hangs")
    desk.until_hint("touch it with your card")
    desk.press("[data-toggle=engine]")
    expect(desk("#said")).to_have_text("engine does not start: blocked")
    desk.press("#pause")
    expect(desk("#pace")).to_have_text("time stands still")
    assert desk.errors == []


def test_touch_1_a_card_that_the_car_would_not_hear_is_not_held_there(desk: Desk) -> None:
    """It says why, by mouse and by key. Time passes slowly, so that nobody here has to hurry."""
    unknown = desk("[data-card=unknown]")
    touches = desk("#log li").filter(has_text="you: card EEEE")
    desk.until_hint("touch it with your card")
    desk.run.ask(rate=0.125)
    unknown.click()
    expect(desk("#said")).to_have_text("The car does not know this card.")
    expect(unknown).to_contain_text("at the reader")
    unknown.click(force=True)
    expect(desk("#said")).to_contain_text("That card was at the reader just now")
    desk.press("[data-toggle=window]")
    expect(desk("#said")).to_have_text("window open")
    desk.page.keyboard.press("u")
    expect(desk("#said")).to_contain_text("That card was at the reader just now")
    expect(touches).to_have_count(1)
    desk.press("[data-rate='60']")
    expect(unknown).to_have_attribute("aria-disabled", "false")
    unknown.click()
    expect(touches).to_have_count(2)
    assert desk.errors == []
