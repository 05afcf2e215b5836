"""Figures for Prometheus: right, bounded, and about nobody."""

import asyncio
import re
from typing import Any

from prometheus_client.parser import text_string_to_metric_families

from firmware.wire import codes, kb1
from firmware.wire.journal_format import NO_IDENT
from fleetd.serving import metrics
from tests.fleetd.api.phone import phone_of
from tests.fleetd.rig import CAR, CARD, HOUR_S, NOW_S, Desk, ScriptedCar, exchange, wire

LINE = {"mqtt_connects": 5, "mqtt_ended_topic": 2}


def scrape(desk: Desk) -> str:
    """As the daemon would answer; over ASGI."""

    async def get() -> bytes:
        said: list[Any] = []

        async def receive() -> Any:
            return {"type": "http.request", "body": b""}

        async def send(message: Any) -> None:
            said.append(message)

        scope = {
            "type": "http", "method": "GET", "path": "/metrics", "headers": [], "query_string": b"",
            "http_version": "1.1", "scheme": "http", "server": ("127.0.0.1", 9109), "root_path": "",
        }  # fmt: skip
        await metrics.make_application(desk.fleet, lambda: LINE)(scope, receive, send)
        assert said[0]["status"] == 200
        assert (b"content-type", metrics.MEDIA.encode()) in said[0]["headers"]
        return b"".join(message.get("body", b"") for message in said[1:])

    return asyncio.run(get()).decode()


def samples(text: str) -> dict[tuple[str, str], float]:
    """(name, labels by their names) -> value, read by the library's own parser."""
    return {
        (sample.name, ",".join(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def lived(desk: Desk) -> Any:
    """A morning: a rental, a refusal, frames that are no good."""
    car = wire(desk)
    car.hello()
    exchange(desk, car)
    desk.fleet.connected(CAR)
    number = desk.fleet.book(desk.driver, CAR, NOW_S, NOW_S + HOUR_S)["id"]
    desk.clock.now_s += 5
    car.hello()
    exchange(desk, car)
    desk.fleet.add_card(desk.driver, CARD)
    desk.fleet.operate(desk.driver, number, "start", "k")
    exchange(desk, car)
    reasons = bytes((2, codes.TOO_EARLY)) + bytes(4) + bytes((codes.LEASE_OVER,)) + bytes(4)
    car.happen(codes.AUDIT_START_REFUSED, number, bytes((codes.BY_CARD,)) + NO_IDENT + reasons)
    for _ in range(10):
        car.happen(codes.AUDIT_DOOR_OPENED, number)
    car.tell()
    exchange(desk, car)
    good = car.hello_frame()
    desk.fleet.receive(CAR, good[:-1] + bytes((good[-1] ^ 1,)))
    desk.fleet.receive(CAR, car.frame(kb1.HELLO, b"short"))
    desk.fleet.receive("4b47000000ff", good)
    old = kb1.pack_telemetry(1_000_000, 12_600, 1, 0, 0, False)
    desk.fleet.receive(CAR, car.frame(kb1.TELEMETRY, old))
    for reason in (kb1.NACK_STORAGE, kb1.NACK_STORAGE, 77):
        nack = kb1.pack_nack(kb1.TIME, reason, car.gen, car.rev)
        desk.fleet.receive(CAR, car.frame(kb1.NACK, nack))
    desk.fleet.counts["frame_under_old_key"] += 1
    senseless = bytearray(kb1.pack_hello(hello_of(car)))
    senseless[37:41] = b"\xff" * 4  # counter
    desk.fleet.receive(CAR, car.frame(kb1.HELLO, bytes(senseless)))
    desk.clock.now_s += 1
    car.hello()
    return car


def hello_of(car: ScriptedCar) -> kb1.Hello:
    return kb1.Hello(False, True, car.boot, car.uptime_s, b"a nonce!", car.gen, car.rev, car.hash8,
                     0, car.journal, 1, NOW_S)  # fmt: skip


def test_a_morning_in_figures(desk: Desk) -> None:
    lived(desk)
    found = samples(scrape(desk))
    assert found["fleetd_cars", ""] == found["fleetd_cars_connected", ""] == 1
    assert found["fleetd_commands", "accepted,start"] == 1
    assert found["fleetd_refusals_total", "car,too_early"] == 1
    assert found["fleetd_refusals_total", "car,lease_over"] == 1
    assert found["fleetd_events_not_told", ""] == 3
    assert found["fleetd_frames_refused_total", "bad_tag"] == 1
    assert found["fleetd_frames_refused_total", "malformed"] == 1
    assert found["fleetd_frames_refused_total", "unknown_car"] == 1
    assert found["fleetd_frames_refused_total", "before_2020"] == 1
    assert found["fleetd_frames_refused_total", "foreign_topic"] == 2
    assert found["fleetd_frames_refused_total", "old_key"] == 1
    assert found["fleetd_frames_refused_total", "hello_counter"] == 1
    assert found["fleetd_nacks_total", "storage"] == 2
    assert found["fleetd_nacks_total", "other"] == 1
    assert found["fleetd_nacks_total", "does_not_fit"] == 0
    assert found["fleetd_frames_sent_total", "SNAP"] == 1
    assert found["fleetd_counted_total", "mqtt_connects"] == 5
    assert found["fleetd_cars_silent", "3600"] == 0
    commits = desk.fleet.commit_times
    assert found["fleetd_commit_seconds_count", ""] == sum(commits.counts) > 5
    assert found["fleetd_commit_seconds_bucket", "+Inf"] == sum(commits.counts)
    assert desk.db.row("SELECT count(*) FROM telemetry")[0] == 0


def test_time_moves_the_figures(desk: Desk) -> None:
    car = lived(desk)
    desk.taken()
    desk.clock.now_s += 7 * HOUR_S
    found = samples(scrape(desk))
    assert found["fleetd_cars_silent", "3600"] == found["fleetd_cars_silent", "21600"] == 1
    assert found["fleetd_cars_silent", "86400"] == 0
    assert found["fleetd_silence_seconds_max", ""] == 7 * HOUR_S
    assert found["fleetd_pushes_waiting", ""] == 1
    desk.fleet.disconnected(CAR)
    assert samples(scrape(desk))["fleetd_cars_connected", ""] == 0
    car.hello()
    exchange(desk, car)
    assert samples(scrape(desk))["fleetd_silence_seconds_max", ""] == 0


def shape(text: str) -> set[tuple[str, str]]:
    return set(samples(text))


def test_no_series_grows_with_bookings_or_cars(desk: Desk) -> None:
    """Ten times as many of each: the same series."""
    lived(desk)
    desk.fleet.tick()
    before = shape(scrape(desk))
    for number in range(20):
        desk.fleet.add_car(f"S {number}", f"4b47000001{number:02x}")
    for hour in range(2, 12):
        desk.fleet.add_booking(desk.driver, f"4b47000001{hour:02x}", NOW_S + hour * HOUR_S,
                               NOW_S + (hour + 1) * HOUR_S)  # fmt: skip
    assert shape(scrape(desk)) == before


def test_labels_name_nobody(desk: Desk) -> None:
    lived(desk)
    text = scrape(desk)
    for value in re.findall(r'="([^"]*)"', text):
        assert re.fullmatch(r"[a-zA-Z0-9_.+]+", value), value
    for said in (
        CAR,
        desk.driver,
        "Aoki",
        "Suginami",
        CARD.hex(),
        CARD.hex()[-5:],
        desk.identity.key,
    ):
        assert said.lower() not in text.lower()


def test_refusals_of_the_daemon_are_counted_by_their_code(desk: Desk) -> None:
    phone = phone_of(desk)
    phone.token = "0" * 64
    assert phone.get("/v1/bookings").status == 401
    assert phone.post("/v1/login", id=desk.driver, password="wrong").status == 401
    found = samples(scrape(desk))
    assert found["fleetd_refusals_total", "daemon,not_logged_in"] == 1
    assert found["fleetd_refusals_total", "daemon,wrong_login"] == 1
