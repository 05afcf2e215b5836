"""The driver's phone beside the car, both in browsers, both on the processes of `make run`."""

from playwright.sync_api import Browser, Page, expect

from tests.browser.desk_browser import PATIENCE_MS, Desk


def log_in(browser: Browser, desk: Desk) -> Page:
    """As the demo driver, in English, with what make run printed."""
    address = desk.run.told(r"phones +(http://127\.0\.0\.1:\d+)")[1]
    driver, password = desk.run.told(r"demo driver +(\S+), password (\S+),").groups()
    page = browser.new_page(viewport={"width": 390, "height": 844}, locale="en-GB")
    page.set_default_timeout(PATIENCE_MS)
    page.goto(address)
    page.fill("#id", driver)
    page.fill("#password", password)
    page.locator("main form button.main").click()
    return page


def operate(phone: Page, verb: str) -> None:
    """From the list of bookings to the car's answer."""
    phone.goto(phone.url.split("/", 3)[0] + "//" + phone.url.split("/", 3)[2] + "/")
    phone.locator(f"[id$='-{verb}']").first.click()
    phone.locator("main form button.main").first.click()


def until_phase(phone: Page, phase: str) -> None:
    expect(phone.locator("[data-phase]")).to_have_attribute("data-phase", phase)


def test_a_day_by_phone(browser: Browser, desk: Desk) -> None:
    """START-2, START-3, SAFE-3, END-5, END-4, REOPEN-1, REOPEN-3."""
    phone = log_in(browser, desk)
    operate(phone, "start")
    until_phase(phone, "accepted")
    expect(desk("#locked")).to_have_text("UNLOCKED")
    desk.press("[data-open=driver]")
    desk.until_state("boarding")
    desk.press("#knob", "#key", "[data-open=driver]")
    desk.until_state("in use")
    # Power fails for a moment; the rental is as it was.
    desk.press("[data-power=cut]")
    desk.until_hint("The box has no power")
    desk.press("[data-power=on]")
    desk.until_state("in use")
    # The key is not back: refused, with the reason, on the phone and beside the car.
    operate(phone, "end")
    until_phase(phone, "refused")
    expect(phone.locator(".reasons .reason")).to_contain_text(["key"])
    desk.press("#key", "#knob")
    desk.until_state("key returned")
    operate(phone, "end")
    until_phase(phone, "accepted")
    desk.until_state("ended")
    expect(desk("#locked")).to_have_text("LOCKED")
    operate(phone, "reopen")
    until_phase(phone, "accepted")
    desk.until_state("reopened")
    expect(desk("#locked")).to_have_text("UNLOCKED")
    operate(phone, "lock")
    until_phase(phone, "accepted")
    desk.until_state("vacant")
    expect(desk("#locked")).to_have_text("LOCKED")
    assert desk.errors == []
    phone.close()
