"""card, cache, net, set: what the box has and goes by; only `set` changes something (TECH-4)."""

from firmware.car_terms import ASK_AGAIN, STAFF_REVIEW
from firmware.console import asking, reasons
from firmware.console.inputs import NAMES
from firmware.console.out import Pages
from firmware.console.said import card as card_words
from firmware.console.said import driver, moment, span
from firmware.judgement import judge_card_start, judge_end
from firmware.request import Request
from firmware.ticks import ticks_diff
from firmware.wire import codes
from firmware.wire.journal_format import NO_IDENT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from firmware.console.out import Item, Out
    from firmware.console_door import ConsoleBox

#: A card is waited for so long.
CARD_MS = 30000
_FREE = ("vacant", "ended")
#: What the centre's log rules, by the words that somebody may try to set.
_CENTRES = ("profile", "terms", "key", "car", "reader", "knob", "sensors", "doors", "cannot_tell")


def card(_words: "list[str]", box: "ConsoleBox", out: "Out") -> "Cards | None":
    """Look at a card without acting on it."""
    if box.ports.reader is None:
        out.fail("this car has no reader, by its settings", "nothing")
        return None
    out.line("hold a card to the reader; any key ends it. No touch counts meanwhile.")
    return Cards(box)


class Cards:
    """Waits for one card, and tells what the car would say to it."""

    is_live = True

    def __init__(self, box: "ConsoleBox") -> None:
        self._box = box
        self._began_ms = box.snapshot.now_ms
        box.touch.diverted = b""

    def more(self, out: "Out") -> bool:
        """Ask the reader's touches anew; False: a card was told, or none came."""
        box = self._box
        touch, now_ms = box.touch, box.snapshot.now_ms
        if touch.diverted:
            for item in about_card(box, touch.diverted):
                out.say(item)
            return False
        reader = box.ports.reader
        if reader is None or not reader.is_healthy:
            out.fail("the reader does not answer", "check its plug, its supply, both data wires")
            return False
        if ticks_diff(now_ms, self._began_ms) >= CARD_MS:
            out.fail("no card in %d s" % (CARD_MS // 1000), "hold it flat, away from other cards")
            return False
        touch.divert(now_ms)
        return True


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
    yield "lease", "holds" if box.snapshot.lease_holds else "OVER: no start by card", None
    for name, held in (
        ("bookings", found.bookings),
        ("cards", found.cards),
        ("staff", found.staff),
    ):
        yield name, "%d" % held.count(), held.count()
    number = box.keyring.newest()[1]
    yield "key", "number %d" % number if number else "the one it was provisioned with", number
    yield "terms", "from the centre" if found.terms.get() else "as provisioned", None


def net(words: "list[str]", box: "ConsoleBox", out: "Out") -> "Pages | None":
    """The way to the centre; `net retry`: try now."""
    centre = box.ports.centre
    if words == ["retry"]:
        if centre.is_online():
            out.fail("it is online", "nothing; see net")
        elif not centre.may_connect():
            out.fail("there is no network, or the radio rests, or the centre turned the car away",
                     "see status and net")  # fmt: skip
        else:
            centre.hurry()
            out.line("trying now; see net in some seconds")
        return None
    if words:
        out.fail("net knows retry", "type net or net retry")
        return None
    return Pages(_net(box))


def _net(box: "ConsoleBox") -> "Iterator[Item]":
    from firmware.console import look

    centre = box.ports.centre
    yield look.network(centre)
    yield look.trouble(centre)
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
    if box.own is not None:
        yield from box.own.items()


def set_(words: "list[str]", box: "ConsoleBox", out: "Out") -> "Pages | None":
    """What the box goes by; `set NAME VALUE` changes what is its own.

    `box.own`, given by the board: `items()` yields what is shown, never a secret; `put(name, text)`
    keeps it for the next start and says "" or why not.
    """
    if not words:
        return Pages(_settings(box))
    if words[0] in _CENTRES:
        out.fail(
            "%s is ruled by the centre's log" % words[0], "change it there; it comes by itself"
        )
    elif len(words) != 2:
        out.fail("set takes a name and a value", "type set host centre.example")
    elif box.own is None:
        out.fail("this board keeps no settings of its own", "provision it anew")
    else:
        objection = box.own.put(words[0], words[1])
        if objection:
            out.fail(objection, "type set for what there is")
        else:
            asking.put(box, codes.ACT_SET)
            out.line("kept; it holds from the next start on: type reset")
    return None


def _settings(box: "ConsoleBox") -> "Iterator[Item]":
    settings = box.settings
    yield "cannot_tell", _cannot_tell(settings.cannot_tell), settings.cannot_tell
    yield "reader", "fitted" if settings.has_reader else "none", settings.has_reader
    knob = settings.key_has_knob
    yield "knob", "rent and return" if knob else "none: a connector", knob
    for name, mask in (("no sensor", settings.no_sensors), ("no door", settings.no_doors)):
        absent = [NAMES[i] for i in range(codes.INPUTS) if mask >> i & 1]
        yield name, ", ".join(absent) or "all are there", mask
    yield "All of these are the centre's: its log rules them."
    if box.own is not None:
        yield from box.own.items()


def _cannot_tell(value: int) -> str:
    if value == ASK_AGAIN:
        return "an end asks again"
    return "an end goes to staff's review" if value == STAFF_REVIEW else "an end is refused"
