"""What is late, in figures for Prometheus. No names of people, no cards; labels from small sets."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from fleetd.core.sync import NACK_NAMES
from fleetd.health import FRAME_CAUSES, NACKED, REFUSED_BY_CAR, REFUSED_HERE
from fleetd.service import Fleet
from fleetd.store.database import COMMIT_BOUNDS_S, CommitTimes

MEDIA = "text/plain; version=0.0.4; charset=utf-8"
_SENT = {"delta": "DELTA", "snap": "SNAP"}

#: Figure -> name, what it is. Of each there is one series.
_SINGLE = {
    "cars": ("cars", "Cars of the fleet, but those that are shut out."),
    "cars_blocked": ("cars_blocked", "Cars that are shut out until somebody lets them in."),
    "cars_retired": ("cars_retired", "Cars that are shut out for good."),
    "cars_never_heard": ("cars_never_heard", "Cars that have never said anything."),
    "silence_s_max": ("silence_seconds_max", "How long the car most silent has been so."),
    "revocation_s_max": (
        "revocation_unconfirmed_seconds_max", "How old the oldest revocation is that a car lacks.",
    ),
    "pushes_waiting": ("pushes_waiting", "Cars that have not confirmed all they should know."),
    "push_waiting_s_max": ("push_waiting_seconds_max", "How long the oldest of them has waited."),
    "events_not_told": ("events_not_told", "Events that cars hold and have not yet told."),
    "events_not_told_max": ("events_not_told_max", "Of the car that holds the most."),
    "mails_unsent": ("mails_unsent", "Mails in the outbox."),
}  # fmt: skip
#: Figure -> name, label, what it is: how many are beyond each bound, in seconds.
_BOUNDED = {
    "cars_silent": ("cars_silent", "for_at_least_s", "Cars not heard from for at least so long."),
    "bookings_not_in_car": (
        "bookings_not_in_car", "starting_within_s", "Bookings that their cars have not confirmed.",
    ),
    "revocations_unconfirmed": (
        "revocations_unconfirmed", "for_at_least_s", "Cars that may hold what was taken back.",
    ),
}  # fmt: skip


class Figures(Collector):
    """Looked up at each scrape. `line()`: what the cars' line has counted."""

    def __init__(self, fleet: Fleet, line: Callable[[], Mapping[str, int]]) -> None:
        self._fleet = fleet
        self._line = line

    def collect(self) -> Iterable[Metric]:
        found = self._fleet.figures()
        yield _gauge("cars_connected", "Cars on the line now.", self._fleet.cars_connected)
        for figure, (name, what) in _SINGLE.items():
            yield _gauge(name, what, found[figure])
        for figure, (name, label, what) in _BOUNDED.items():
            yield _by_label(name, what, label, found[figure])
        yield _by_label(
            "alarms_open", "Alarms that nobody has cleared.", "alarm", found["alarms_open"]
        )
        yield _by_label(
            "events_missing", "Events that will never come: gap, the car says so; lost, we do.",
            "why", found["events_missing"],
        )  # fmt: skip
        yield _commands(found["commands"])
        if found["checkpoint_age_s"] is not None:
            yield _gauge("checkpoint_age_seconds", "Since the journal was signed.",
                         found["checkpoint_age_s"])  # fmt: skip
        yield _by_label("cars_by_key", "Cars, by the key that they speak under.", "key",
                        found["key_slots"])  # fmt: skip
        yield from _counted({**self._fleet.counts, **self._line()})
        yield _commit_times(self._fleet.commit_times)


def _gauge(name: str, what: str, value: float) -> Metric:
    return GaugeMetricFamily(f"fleetd_{name}", what, value=value)


def _by_label(name: str, what: str, label: str, values: Mapping[Any, float]) -> Metric:
    found = GaugeMetricFamily(f"fleetd_{name}", what, labels=[label])
    for key, value in values.items():
        found.add_metric([str(key)], value)
    return found


def _counter(name: str, what: str, label: str, values: Mapping[str, int]) -> Metric:
    found = CounterMetricFamily(f"fleetd_{name}", what, labels=[label])
    for key, value in values.items():
        found.add_metric([key], value)
    return found


def _commands(values: Mapping[str, int]) -> Metric:
    found = GaugeMetricFamily(
        "fleetd_commands", "Commands to cars in the database.", labels=["verb", "outcome"]
    )
    for key, count in values.items():
        found.add_metric(key.split(), count)
    return found


def _counted(counts: Mapping[str, int]) -> Iterable[Metric]:
    """Everything that this process counts, each in one place."""
    frames = dict.fromkeys(sorted(set(FRAME_CAUSES.values())), 0)
    sent = dict.fromkeys(_SENT.values(), 0)
    nacks = dict.fromkeys((*NACK_NAMES.values(), "other"), 0)
    refusals = CounterMetricFamily(
        "fleetd_refusals", "What people were refused, and by whom.", labels=["by", "reason"]
    )
    rest = CounterMetricFamily("fleetd_counted", "Whatever else is counted.", labels=["what"])
    for name, count in sorted(counts.items()):
        if name in FRAME_CAUSES:
            frames[FRAME_CAUSES[name]] += count
        elif name in _SENT:
            sent[_SENT[name]] += count
        elif name.startswith(NACKED):
            nacks[name.removeprefix(NACKED)] += count
        elif name.startswith(REFUSED_BY_CAR):
            refusals.add_metric(["car", name.removeprefix(REFUSED_BY_CAR)], count)
        elif name.startswith(REFUSED_HERE):
            refusals.add_metric(["daemon", name.removeprefix(REFUSED_HERE)], count)
        else:
            rest.add_metric([name], count)
    yield _counter("frames_refused", "Frames without effect.", "cause", frames)
    yield _counter("frames_sent", "Changes and copies sent.", "kind", sent)
    yield _counter("nacks", "Frames that cars did not take.", "reason", nacks)
    yield refusals
    yield rest


def _commit_times(times: CommitTimes) -> Metric:
    """Its buckets count what is below them, too."""
    found = HistogramMetricFamily("fleetd_commit_seconds", "How long the database took to commit.")
    buckets, total = [], 0
    for bound, count in zip((*COMMIT_BOUNDS_S, "+Inf"), times.counts, strict=True):
        total += count
        buckets.append((str(bound), total))
    found.add_metric([], buckets=buckets, sum_value=times.sum_s)
    return found


def make_application(fleet: Fleet, line: Callable[[], Mapping[str, int]]) -> Starlette:
    """`GET /metrics`, on a port of its own: for the operator's machine, not for phones."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(Figures(fleet, line))

    async def answer(_: Request) -> Response:
        return Response(generate_latest(registry), media_type=MEDIA)

    return Starlette(routes=[Route("/metrics", answer, methods=["GET"])])
