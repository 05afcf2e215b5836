"""`kill -9` of the daemon, of the car, of both, again and again in the middle of rentals."""

import struct
import time
from collections import Counter
from pathlib import Path
from random import Random

import pytest

from firmware.wire import codes
from firmware.wire.journal_format import EPOCH_2020_S, HEAD, HEAD_BYTES
from tests.whole.desk import Desk
from tests.whole.driver import EXTENSION_S, Phone, Rental
from tests.whole.kills import KILLS, STATES, VICTIMS, Kills

FOLDER = Path(__file__).parent
STORY = FOLDER / "rentals.yaml"
SEED = 20260401
SPEED = 20.0
SLOWLY = {"key_returned": 5.0, "ending": 0.25}
#: The rental begins so long before the booking does.
EARLY_S = 300
#: Each state is hit in the journal's own account, not only in what was to be seen.
HITS_MIN = len(VICTIMS) // 2
#: One rental takes seconds.
RENTAL_S_MAX = 60.0


@pytest.mark.long
def test_a_rental_outlives_every_kill(tmp_path: Path) -> None:
    """SAFE-3, SAFE-5, SAFE-2: the rental goes on, and each event is in the database once."""
    desk = Desk(tmp_path / "desk", STORY, speed=SPEED)
    phone = Phone(desk)
    kills = Kills(desk, phone, Random(SEED))
    played: list[Rental] = []
    try:
        desk.start()
        desk.until(lambda: desk.seen["story"]["is_over"], "end of the story")
        for booked in desk.story.bookings:
            rental = Rental(
                desk, phone, dict(desk.accounts.bookings)[booked.id],
                by_phone=len(played) % 2 == 1, reopens=True,
            )  # fmt: skip
            played.append(rental)
            desk.until_time(booked.start.timestamp() - EARLY_S)
            play(desk, rental, kills)
            if kills.count >= KILLS:
                break
        check(desk, phone, kills, played)
    except BaseException:
        print(f"seed {SEED}", *kills.log, *(line for one in played for line in one.log), sep="\n")
        raise
    finally:
        desk.close()


def play(desk: Desk, rental: Rental, kills: Kills) -> None:
    """To its end, with kills within."""
    ends_s = time.monotonic() + RENTAL_S_MAX
    while not rental.is_over:
        assert time.monotonic() < ends_s, f"booking {rental.booking} hangs: {desk.seen}"
        desk.pass_time(0.01)
        keep_pace(desk, kills)
        kills.consider()
        if not kills.hands_rest:
            rental.go_on()


def keep_pace(desk: Desk, kills: Kills) -> None:
    """What takes less than a second is looked at closely, where something is to happen in it."""
    rate = SPEED
    if kills.wants("ending"):
        rate = SLOWLY.get(desk.seen["state"], SPEED)
    if "pace" in desk.seen and desk.seen["pace"]["speed"] != rate:
        desk.ask(rate=rate)


def check(desk: Desk, phone: Phone, kills: Kills, played: list[Rental]) -> None:
    """After all is calm."""
    assert kills.count >= KILLS
    assert all(kills.hits[state] >= HITS_MIN for state in STATES), kills.hits
    desk.until(lambda: not phone.is_busy or phone.poll(), "answer to the phone")
    desk.until_told()
    desk.car.ask_to_end()
    desk.car.end()
    kept = desk.journal()
    kills.keep(kept)
    # The two accounts: the car's flash, read at each kill, and the daemon's database.
    assert sorted(kills.events) == list(range(1, kept.last + 1))
    told = desk.rows("SELECT journal, seq, body, received_s FROM event ORDER BY journal, seq")
    assert [row[:3] for row in told] == [
        (kept.instance, seq, kills.events[seq]) for seq in range(1, kept.last + 1)
    ]
    arrived_s = [row[3] for row in told]
    assert arrived_s == sorted(arrived_s)
    assert desk.rows("SELECT * FROM missing_events") == []
    assert desk.rows("SELECT name FROM alarm WHERE name LIKE '%lost' OR name LIKE '%repl%'") == []
    check_bookings(desk, kills.events, played)
    check_commands(desk, kills.events, phone)


def check_bookings(desk: Desk, events: dict[int, bytes], played: list[Rental]) -> None:
    """What the daemon says of each is what the car did."""
    times: dict[tuple[int, int], list[int]] = {}
    for _, event in sorted(events.items()):
        code, at_s, _, booking = struct.unpack_from(HEAD, event)
        times.setdefault((booking, code), []).append(at_s + EPOCH_2020_S)
    for rental in played:
        number = rental.booking
        ended = times[number, codes.AUDIT_ENDED]
        assert len(ended) == 1
        found = desk.rows(
            "SELECT status, started_s, ended_s, extensions, ends_s - starts_s FROM booking"
            " WHERE id = ?", number,
        )  # fmt: skip
        extended = int(rental.is_extended)
        begun_s = times[number, codes.AUDIT_UNLOCKED][0]
        assert found == [("over", begun_s, ended[0], extended, 900 + extended * EXTENSION_S)]
        mails = desk.rows(
            "SELECT count(*) FROM mail WHERE name = 'end_accepted' AND booking = ?", number
        )
        assert mails == [(1,)]
    others = desk.rows("SELECT id FROM booking WHERE status = 'booked'")
    assert {row[0] for row in others} == {number for _, number in desk.accounts.bookings} - {
        rental.booking for rental in played
    }


def check_commands(desk: Desk, events: dict[int, bytes], phone: Phone) -> None:
    """At most once: of each command there is one row, one receipt, one act."""
    rows = desk.rows("SELECT key, hex(id), status FROM command")
    assert {key: ident.lower() for key, ident, _ in rows} == phone.commands
    assert len(rows) == len(phone.commands) > 0
    assert "pending" not in {status for _, _, status in rows}
    acts: Counter[tuple[int, str]] = Counter()
    for event in events.values():
        detail = event[HEAD_BYTES:]
        if detail[:1] == bytes((codes.BY_COMMAND,)) and len(detail) >= 9:
            acts[event[0], detail[1:9].hex()] += 1
    once = (codes.AUDIT_COMMAND_RECEIVED, codes.AUDIT_UNLOCKED, codes.AUDIT_ENDED)
    for (code, ident), count in acts.items():
        assert ident in phone.commands.values()
        if code in once:
            assert count == 1, f"command {ident} did event {code} {count} times"
    accepted = {ident.lower() for _, ident, status in rows if status == "accepted"}
    assert accepted <= {ident for _, ident in acts}
