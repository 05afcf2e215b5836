"""card, cache, net: what the box has; nothing is changed (TECH-4)."""

from firmware.console import faults, reach, reasons
from firmware.console.card_wait import CardWait, has_reader
from firmware.console.out import Pages
from firmware.console.said import card as card_words
from firmware.console.said import driver, moment, span
from firmware.console.setting import own_of
from firmware.judgement import judge_card_start, judge_end
from firmware.mqtt_session import END_BUSY
from firmware.power import ASLEEP
from firmware.request import Request
from firmware.wire import codes
from firmware.wire.journal_format import NO_IDENT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from firmware.console.out import Item, Out
    from firmware.console_door import ConsoleBox

_FREE = ("vacant", "ended")
#: Of the box's own settings, those on the way to the centre.
_OWN = ("host", "port", "server_name", "wifi", "wifi_password")


def card(_words: "list[str]", box: "ConsoleBox", out: "Out") -> "CardWait | None":
    """Look at a card without acting on it."""
    if not has_reader(box, out):
        return None
    out.line("hold a card to the reader; any key ends it. No touch counts meanwhile.")
    return CardWait(box, _tell_card)


def _tell_card(box: "ConsoleBox", ident: bytes, out: "Out") -> None:
    for item in about_card(box, ident):
        out.say(item)


def about_card(box: "ConsoleBox", ident: bytes) -> "Iterator[Item]":
    """Whose it is, and what a touch of it would do now."""
    r = box.controller.rental
    request = Request()
    request.cause = codes.BY_CARD
    request.ident = ident
    request.driver = r.cards.owner(ident)
    request.staff = r.staff.owner(ident)
    name = card_words(ident)
    yield "card", name, name
    if ident == NO_IDENT:
        yield "whose", "nobody's: its number changes with every touch; take a plain card", None
        return
    if request.staff:
        yield "whose", "staff", request.staff
        yield "would", "open or lock the car, engine blocked, when nobody uses it", True
        return
    yield "whose", driver(request.driver) if request.driver else "nobody's in the copy", None
    reason = _against(box, request)
    if reason:
        code, argument = reason
        yield "would", "be refused: " + reasons.sentence_of(code, argument), False
        yield "do", reasons.remedy_of(code), reasons.name_of(code)
    elif r.state in _FREE:
        yield "would", "start booking %d" % request.booking, True
    else:
        yield "would", "end the use, if the key was out and END is shown", True


def _against(box: "ConsoleBox", request: Request) -> "tuple[int, int] | None":
    r = box.controller.rental
    judge_card_start(request, r.bookings, r.snapshot, r.session, r.terms)
    if r.state == "maintenance":
        return codes.IN_MAINTENANCE, 0
    if r.state not in _FREE:
        if not request.driver or request.driver != r.session.driver:
            return request.start_reasons[0] if request.start_reasons else (codes.NOT_RETURNED, 0)
        judge_end(request, r.snapshot, r.settings, r.terms)
        return request.end_reasons[0] if request.end_reasons else None
    return request.start_reasons[0] if request.start_reasons else None


def cache(_words: "list[str]", box: "ConsoleBox", _out: "Out") -> Pages:
    """The copy of what the centre knows."""
    return Pages(_cache(box))


def _cache(box: "ConsoleBox") -> "Iterator[Item]":
    found = box.cache
    if not found.is_open:
        yield "copy", "CANNOT BE READ: see status faults", None
    yield "copy", "generation %d, revision %d" % (found.gen, found.rev), found.rev
    from_s = found.lease_from_s
    if not from_s:
        yield "confirmed", "never", None
    else:
        age_s = max(0, box.snapshot.wall_s - from_s)
        yield "confirmed", "%s UTC, %s ago" % (moment(from_s), span(age_s)), age_s
    holds = box.snapshot.lease_holds
    yield "lease", "holds" if holds else "OVER: no start by card", holds
    for name, held in (
        ("bookings", found.bookings),
        ("cards", found.cards),
        ("staff", found.staff),
    ):
        yield name, "%d" % held.count(), held.count()
    number = box.keyring.newest()[1]
    yield "key", "number %d" % number if number else "the one it was provisioned with", number
    is_theirs = bool(found.terms.get())
    yield "terms", "from the centre" if is_theirs else "as provisioned", is_theirs


def net(words: "list[str]", box: "ConsoleBox", out: "Out") -> "Pages | None":
    """The way to the centre; `net retry`: try now."""
    centre = box.ports.centre
    if words == ["retry"]:
        if centre.is_online():
            out.fail("it is online", "nothing; see net")
        elif not centre.may_connect():
            out.fail(*_hindrance(box))
        else:
            centre.hurry()
            out.line("trying now; see net in some seconds")
        return None
    if words:
        out.fail("net knows retry", "type net or net retry")
        return None
    return Pages(_net(box))


def _hindrance(box: "ConsoleBox") -> "tuple[str, str]":
    """Why it cannot be tried now, and what to do."""
    if box.loop.power.level == ASLEEP:
        return "the radio rests", "touch any card to the reader: that wakes it"
    words, remedy, code = reach.below(box)
    if code:
        return words, remedy
    if getattr(box.ports.centre, "login_refused", False):
        return "the centre refuses this car", faults.remedy_of(faults.LOGIN_REFUSED)
    if getattr(box.ports.centre, "last_end", 0) == END_BUSY:
        return "the centre is busy and asked to wait", "nothing; it tries again by itself"
    return "there is no network yet", remedy


def _net(box: "ConsoleBox") -> "Iterator[Item]":
    centre = box.ports.centre
    yield reach.network(box)
    yield reach.trouble(box)
    detail = getattr(getattr(box.ports, "network", None), "detail", "")
    if detail:
        yield "detail", detail, None
    if getattr(centre, "login_refused", False):
        yield "login", "REFUSED: identity or password; provision it anew", False
    for name in ("sessions", "unsent", "dropped", "strange"):
        count = getattr(centre, name, None)
        if count is not None:
            yield name, "%d" % count, count
    waiting = box.journal.backlog()
    yield "events", "%d wait for the centre" % waiting, waiting
    unheard = box.keyring.unheard
    if unheard:
        yield "unheard", "%d minutes of HELLO without an answer under the key" % unheard, unheard
    own = own_of(box)
    if own is not None:
        for item in own.items():
            if item[0] in _OWN:
                yield item
