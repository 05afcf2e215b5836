"""HELLO and its answers: rules 3, 5 and 11 of the protocol."""

from __future__ import annotations

from firmware.wire import kb1, kb1_centre
from firmware.wire.kb1 import Hello
from fleetd import car_keys, health, isolation, untaken
from fleetd.core import bounds, sync
from fleetd.core.pace import NEVER, RETRY_S_MAX
from fleetd.core.sync import Point
from fleetd.store import car_rows, event_rows, log_rows, notice_rows
from fleetd.store.car_rows import Car
from fleetd.turn import Link, Turn

#: TIME renews the lease of a car for which nothing changes (rule 7); often enough to lose many.
TIME_EVERY_S = 3600
#: A car whose clock is further off than any network takes is told the time.
CLOCK_OFF_S = 10
#: An asking car gets at most so many frames at once, then a snapshot.
ASKED_DELTAS_MAX = 8
NACKS_MAX = 3
#: No car draws this nonce: it answers TIME with it by HELLO, and does not set its clock by it.
PROMPT_NONCE = bytes(kb1.NONCE_BYTES)
FORKED = "database_forked"
FRAME_NOT_TAKEN = "frame_not_taken"


def hear_hello(turn: Turn, car: Car, hello: Hello) -> None:
    """Take in where the car stands, and answer; SenselessHello changes nothing."""
    field = bounds.senseless_field(hello, car.gen)
    if field:
        raise bounds.SenselessHello(field)
    link = turn.link(car.id)
    point = Point(hello.gen, hello.rev, hello.hash8)
    if _is_old(turn, car, hello, point):
        turn.counts["hello_stale"] += 1
        return
    link.strikes = 0
    car = car_keys.hear_hello(turn, car)
    moved = (car.said_gen, car.said_rev, car.boot) != (hello.gen, hello.rev, hello.boot)
    link.is_online = link.was_heard = True
    link.prompts.stop()
    car_rows.note_hello(turn.db, car.id, hello, turn.now_s)
    _note_journal(turn, car, hello)
    found = sync.judge(
        car.point, car.base_rev, point, lambda rev: log_rows.hash_at(turn.db, car, rev)
    )
    if found == sync.FORKED:
        if health.another_daemon_speaks(turn, car.id, FORKED):
            link.was_heard = False  # so nothing is sent
            return
        _fork(turn, car, point)
    else:
        _note_standing(turn, car, point, found)
    is_double = hello.asking and hello.nonce == link.asked_nonce
    if hello.asking and not is_double:
        link.asked_nonce = hello.nonce
        _answer_asking(turn, car.id, hello, link)
    elif found == sync.IN_STEP:
        link.pace.stop()
        is_off = abs(hello.now_unix_s - turn.now_s) > CLOCK_OFF_S
        if is_off or not hello.clock_trusted or turn.now_s - link.time_sent_s >= TIME_EVERY_S:
            _send_time(turn, car, hello, link)
    elif moved:
        link.pace.want(turn.now_s)
    else:
        link.pace.pull_forward(turn.now_s)
    push_if_due(turn, car.id)


def hear_nack(turn: Turn, car: Car, body: bytes) -> None:
    """The car keeps what it has and says why; pushing the same again soon would not help."""
    kind, reason, gen, rev = kb1_centre.unpack_nack(body)
    turn.counts[f"{health.NACKED}{sync.NACK_NAMES.get(reason, 'other')}"] += 1
    link = turn.link(car.id)
    link.nacks += 1
    if kind in (kb1.DELTA, kb1.SNAP):
        link.pace.slow_down(turn.now_s)
        untaken.hear_nack(turn, car, reason, gen, rev)
    if link.nacks >= NACKS_MAX:
        detail = f"kind {kind}, reason {reason}, at {gen}.{rev}"
        notice_rows.raise_counted(turn.db, FRAME_NOT_TAKEN, car.id, turn.now_s, detail)


def want_push(turn: Turn, car_id: str) -> None:
    """The log grew."""
    link = turn.link(car_id)
    if link.is_online and link.was_heard:
        link.pace.want(turn.now_s)
        push_if_due(turn, car_id)


def push_if_due(turn: Turn, car_id: str) -> None:
    """At most one push a second: one DELTA, or one SNAP with all its chunks."""
    link = turn.link(car_id)
    if not (link.is_online and link.was_heard and link.pace.is_due(turn.now_s)):
        return
    if not isolation.apart(turn, car_id, "a push", lambda: _push_now(turn, car_id, link)):
        link.pace.slow_down(turn.now_s)


def _push_now(turn: Turn, car_id: str, link: Link) -> None:
    car = car_rows.find(turn.db, car_id)
    if car is None or car.blocked_s is not None or not _push(turn, car, deltas_max=1):
        link.pace.stop()
    else:
        link.pace.note_push(turn.now_s)


def prompt(turn: Turn, car_id: str) -> None:
    """Have a car say HELLO that is there and has not; again after 2, 4, 8 ... 60 s until it does."""
    link = turn.link(car_id)
    if link.is_online and not link.was_heard:
        link.prompts.want(turn.now_s)
        _prompt_if_due(turn, car_id, link)


def forget_hello(link: Link, now_s: int) -> None:
    """What it said was not kept: nothing may leave by it, and the car is to say it again.

    Prompted once a minute at most, for whatever failed may go on failing.
    """
    link.was_heard, link.asked_nonce, link.time_sent_s = False, b"", 0
    if link.is_online:
        link.prompts.due_s = max(now_s, link.prompts.pushed_s + RETRY_S_MAX)


def _prompt_if_due(turn: Turn, car_id: str, link: Link) -> None:
    if not (link.is_online and not link.was_heard and link.prompts.is_due(turn.now_s)):
        return
    if not isolation.apart(turn, car_id, "a prompt", lambda: _prompt_now(turn, car_id, link)):
        link.prompts.slow_down(turn.now_s)


def _prompt_now(turn: Turn, car_id: str, link: Link) -> None:
    car = car_rows.find(turn.db, car_id)
    if car is None or car.blocked_s is not None:
        link.prompts.stop()
        return
    body = kb1_centre.pack_time(PROMPT_NONCE, turn.now_s, car.gen, car.rev, car.hash)
    turn.send(car, kb1.TIME, body)
    link.prompts.note_push(turn.now_s)


def next_due_s(turn: Turn) -> float:
    """When a push or a prompt is due."""
    due_s = NEVER
    for car_id in car_rows.behind(turn.db):
        link = turn.link(car_id)
        if link.is_online and link.was_heard:
            due_s = min(due_s, link.pace.due_s if link.pace.is_wanted() else turn.now_s)
    for link in turn.links.values():
        if link.is_online and not link.was_heard:
            due_s = min(due_s, link.prompts.due_s)
    return due_s


def push_all(turn: Turn) -> None:
    """What is due, and what another process wrote into the logs."""
    for car_id, link in turn.links.items():
        _prompt_if_due(turn, car_id, link)
    for car_id in car_rows.behind(turn.db):
        link = turn.link(car_id)
        if not link.pace.is_wanted():
            link.pace.want(turn.now_s)
        push_if_due(turn, car_id)


def _push(turn: Turn, car: Car, deltas_max: int) -> bool:
    """False when the car has everything."""
    if car.is_known and car.said_gen == car.gen:
        if car.said_rev == car.rev:
            return False
        if car.said_rev >= car.base_rev and car.rev - car.said_rev <= sync.DELTA_OPS_MAX:
            _send_deltas(turn, car, deltas_max)
            return True
    _send_snap(turn, car)
    return True


def _send_deltas(turn: Turn, car: Car, deltas_max: int) -> None:
    rev = car.said_rev
    for ops in kb1_centre.split_for_delta(log_rows.operations_after(turn.db, car, rev))[
        :deltas_max
    ]:
        to_rev = rev + len(ops)
        hash8 = log_rows.hash_at(turn.db, car, to_rev) or b""
        turn.send(car, kb1.DELTA, kb1_centre.pack_delta(car.gen, rev, to_rev, hash8, ops))
        turn.counts["delta"] += 1
        rev = to_rev


def _send_snap(turn: Turn, car: Car) -> None:
    records = log_rows.records(turn.db, car.id)
    chunks = kb1_centre.split_for_snap([(op, record) for (op, _), record in records.items()])
    for number, ops in enumerate(chunks):
        body = kb1_centre.pack_snap(car.gen, car.rev, car.hash, number, len(chunks), ops)
        turn.send(car, kb1.SNAP, body)
    turn.counts["snap"] += 1


def _answer_asking(turn: Turn, car_id: str, hello: Hello, link: Link) -> None:
    """Rule 11: at once, outside the limits, with what is missing or with TIME."""
    car = car_rows.find(turn.db, car_id)
    if car is None:
        return
    if _push(turn, car, ASKED_DELTAS_MAX):
        link.pace.note_push(turn.now_s)
    else:
        link.pace.stop()
        _send_time(turn, car, hello, link)


def _send_time(turn: Turn, car: Car, hello: Hello, link: Link) -> None:
    body = kb1_centre.pack_time(hello.nonce, turn.now_s, car.gen, car.rev, car.hash)
    turn.send(car, kb1.TIME, body)
    link.time_sent_s = turn.now_s


def _is_old(turn: Turn, car: Car, hello: Hello, point: Point) -> bool:
    """Said before what was heard last of the same boot: late, or replayed.

    A boot that is not the current one may speak again if it says something newer: the one that
    took its place may itself have been a replay.
    """
    last = car_rows.last_of_boot(turn.db, car.id, hello.boot)
    if last is None:
        car_rows.forget_old_boots(turn.db, car.id)
    elif sync.is_stale(hello.uptime_s, point, last, is_current=hello.boot == car.boot):
        return True
    elif hello.boot != car.boot:
        health.note_return(turn, car.id)
    car_rows.note_boot(turn.db, car.id, hello.boot, hello.uptime_s, point, turn.now_s)
    return False


def _note_journal(turn: Turn, car: Car, hello: Hello) -> None:
    """When the daemon has all that the car had to tell, it knows of every use until now."""
    turn.link(car.id).journal = (hello.journal, hello.next_seq)
    found = event_rows.journal(turn.db, car.id, hello.journal)
    if found is not None:
        event_rows.note_next_seq(turn.db, car.id, hello.journal, hello.next_seq)
    if hello.next_seq <= (found[0] if found else 0) + 1:
        car_rows.note_settled(turn.db, car.id, turn.now_s)


def _note_standing(turn: Turn, car: Car, point: Point, found: str) -> None:
    is_known = found != sync.UNKNOWN
    if is_known:
        if point.rev > car.said_rev or not car.is_known:
            turn.link(car.id).nacks = 0
        log_rows.note_confirmed(turn.db, car.id, point.rev, turn.now_s)
    elif point.gen != car.said_gen or car.is_known:
        log_rows.forget_confirmed(turn.db, car.id)
    car_rows.note_standing(turn.db, car.id, point.gen, point.rev, is_known=is_known)
    if found == sync.IN_STEP:
        car_rows.note_in_step(turn.db, car.id)
        notice_rows.clear_alarm(turn.db, FRAME_NOT_TAKEN, car.id, turn.now_s)
    else:
        # A car with an old copy may hold what was revoked; an empty one holds nothing.
        revokes = found == sync.UNKNOWN and point.gen > 0
        car_rows.note_behind(turn.db, car.id, turn.now_s, revokes=revokes)


def _fork(turn: Turn, car: Car, point: Point) -> None:
    """The database was restored or cloned: a generation of its own, and the operator is told."""
    detail = f"{car.gen}.{car.rev} here, {point.gen}.{point.rev} in the car"
    notice_rows.raise_alarm(turn.db, FORKED, car.id, turn.now_s, detail=detail)
    gen = max(car.gen, point.gen) + 1
    if gen <= sync.GEN_MAX:
        log_rows.begin_generation(turn.db, car, gen, turn.entropy(8))
        car_rows.note_behind(turn.db, car.id, turn.now_s, revokes=True)
    car_rows.note_standing(turn.db, car.id, point.gen, point.rev, is_known=False)
