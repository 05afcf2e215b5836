"""The phone site in a real browser, with script and without: a day with a car."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from firmware.wire import codes
from tests.browser import day
from tests.browser.car import Hands, ObedientCar
from tests.browser.phone_rig import Phone
from tests.browser.test_phone_look import barriers
from tests.fleetd.rig import NOW_S

PhoneOf = Callable[..., Phone]


@pytest.mark.parametrize("has_script", [True, False], ids=["script", "no-script"])
def test_a_day_by_phone(phone_of: PhoneOf, car: ObedientCar, has_script: bool) -> None:
    """START-2, END-5, REOPEN-1, REOPEN-3, from the first log-in on, by touching alone."""
    phone = phone_of(java_script_enabled=has_script)
    names: list[str] = []
    phone.seen = names.append
    day.live(phone, car)
    assert tuple(names) == day.NAMES
    acts = [act.verb for act in car.script.acts]
    assert acts == [codes.VERB_START, codes.VERB_END, codes.VERB_END, codes.VERB_REOPEN,
                    codes.VERB_LOCK]  # fmt: skip
    assert phone.complaints == []


@pytest.mark.parametrize("daemon", ["jparc-2023"], indirect=True)
def test_the_answer_arrives_on_the_open_page(
    phone_of: PhoneOf, car: ObedientCar, hands: Hands
) -> None:
    """FAULT-1, USE-5, ENROL-1: followed live, without loading the page again."""
    phone = phone_of()
    phone.log_in()
    phone.book()
    car.connect()
    expect(phone.page.locator(".receipt.in_car")).to_be_visible()
    car.is_silent = True
    phone.operate("start")
    loads = phone.loads
    phone.until_phase("asking")
    hands.jump(10)
    phone.until_phase("still")
    expect(phone.page.locator("h1")).to_have_text("利用開始を依頼しています")
    car.speak()
    phone.until_phase("accepted")
    expect(phone.page.locator("#said")).to_have_text("利用を開始しました")
    phone.until_state("in_use")
    expect(phone.page.locator("#b1-end")).to_be_visible()
    assert phone.loads == loads
    assert phone.shifted == 0
    # The car locks itself; it is unlocked again.
    car.script.happen(codes.AUDIT_RELOCKED, 1, bytes((codes.BY_DEADLINE,)))
    car.script.tell()
    expect(phone.page.locator(".trouble[data-code=relocked]")).to_be_visible()
    assert phone.loads == loads
    assert barriers(phone.page) == []
    phone.follow("#b1-reunlock.main")
    phone.confirm()
    phone.until_phase("accepted")
    expect(phone.page.locator(".trouble")).to_have_count(0)
    # A card is registered at the reader.
    phone.follow("#b1-enrol")
    phone.confirm()
    phone.until_phase("touch")
    loads = phone.loads
    expect(phone.page.locator("h1")).to_have_text("カードをかざしてください")
    assert barriers(phone.page) == []
    car.script.touch(1, bytes.fromhex("01010601CAFE0001"))
    phone.until_phase("registered")
    expect(phone.page.locator("#said")).to_have_text("カードを登録しました")
    expect(phone.page.locator(".next")).to_contain_text("…0001")
    assert phone.loads == loads
    assert phone.complaints == []


def test_an_end_is_refused_with_every_reason_in_both_languages(
    phone_of: PhoneOf, car: ObedientCar
) -> None:
    """END-5."""
    phone = phone_of()
    phone.log_in()
    phone.book()
    car.connect()
    phone.operate("start")
    phone.until_state("in_use")
    car.script.refusals = [(codes.ENGINE_RUNNING, 0), (codes.DOOR_OPEN, 0)]
    phone.operate("end")
    phone.until_phase("refused")
    reasons = phone.page.locator(".reasons .reason")
    expect(reasons).to_have_text(["エンジンがかかっています。", "ドアが開いています。"])
    phone.touch("header a[hreflang=en]")
    expect(reasons).to_have_text(["The engine is running.", "A door is open."])
    phone.until_state("in_use")
    phone.follow("#b1-end")
    phone.confirm()
    phone.until_phase("accepted")
    phone.until_state("reopen_possible")


@pytest.mark.parametrize("has_script", [True, False], ids=["script", "no-script"])
def test_at_the_expiry_the_page_says_what_is_known(
    phone_of: PhoneOf, car: ObedientCar, hands: Hands, has_script: bool
) -> None:
    """Never sent: nothing was done. Sent and not answered: not known yet, and told when it is."""
    phone = phone_of(java_script_enabled=has_script)
    phone.log_in()
    phone.book()
    phone.operate("start")
    phone.until_phase("not_sent")
    hands.jump(31)
    phone.until_phase("unreachable")
    car.connect()
    car.is_silent = True
    phone.operate("start")
    phone.until_phase("asking")
    hands.jump(31)
    phone.until_phase("unknown")
    car.speak()
    phone.until_phase("accepted")


@pytest.mark.parametrize("has_script", [True, False], ids=["script", "no-script"])
def test_two_taps_at_once_order_once(phone_of: PhoneOf, car: ObedientCar, has_script: bool) -> None:
    phone = phone_of(java_script_enabled=has_script)
    phone.log_in()
    phone.book()
    car.connect()
    phone.go("/bookings/1/start")
    phone.page.locator("main form button.main").dblclick()
    phone.until_phase("accepted")
    phone.until_state("in_use")
    assert len(car.script.acts) == 1


def test_a_lost_connection_is_told_and_mended(phone_of: PhoneOf, car: ObedientCar) -> None:
    phone = phone_of()
    phone.log_in()
    phone.book()
    phone.operate("start")
    phone.page.context.set_offline(True)
    expect(phone.page.locator("#offline")).to_be_visible()
    phone.page.context.set_offline(False)
    expect(phone.page.locator("#offline")).to_be_hidden()
    car.connect()
    phone.until_phase("accepted")


def test_times_are_the_operators_and_never_the_phones(phone_of: PhoneOf, hands: Hands) -> None:
    """The browser lives in Lima, the car in Tokyo."""
    assert NOW_S <= hands.now_s < NOW_S + 900
    phone = phone_of(timezone_id="America/Lima")
    phone.log_in()
    phone.book()
    expect(phone.page.locator(".card .day")).to_have_text("今日 4月1日(水)")
    expect(phone.page.locator(".card .span")).to_have_text("09:00 – 10:00")


def test_a_menu_that_is_open_stays_open_and_the_focus_stays(
    phone_of: PhoneOf, car: ObedientCar
) -> None:
    phone = phone_of()
    phone.log_in()
    phone.book()
    phone.touch("summary")
    phone.page.locator("#b1-start").focus()
    car.connect()
    expect(phone.page.locator(".receipt.in_car")).to_be_visible()
    expect(phone.page.locator("#b1-start")).to_be_focused()
    expect(phone.page.locator("details")).to_have_attribute("open", "")
