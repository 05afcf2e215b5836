"""The campaigns of `tools.prove`: what each tries, in short and in full."""

from __future__ import annotations

from typing import NamedTuple

DAY = "tests/scenarios/rental-day.yaml"


class Campaign(NamedTuple):
    """What is tried, by which program, with which arguments in short and in full."""

    name: str
    title: str
    program: str
    short: tuple[str, ...]
    long: tuple[str, ...]


CAMPAIGNS = (
    Campaign(
        "oracle",
        "engine against `transitions` on random tables",
        "tests.oracle",
        ("--short",),
        ("--tables", "2000", "--events", "1000000"),
    ),
    Campaign("interlock", "the interlock's input space", "tests.interlock_space", (), ()),
    Campaign(
        "explore",
        "states of the controller, from the beginning and along stories outward, watched",
        "tests.proof",
        ("explore", "--short"),
        # top24-2023 makes the same graph as top24-2018: tests/proof/test_symmetry.py
        ("explore", "--profile", "top24-2018", "jparc-2023", "--keep", "build/explore"),
    ),
    Campaign(
        "planted",
        "planted faults that the watchers must find",
        "tests.proof",
        ("planted", "--short"),
        ("planted",),
    ),
    Campaign(
        "stateful",
        "random lives of car, driver, clock and power",
        "tests.proof",
        ("stateful", "--examples", "10"),
        ("stateful", "--examples", "1000"),
    ),
    Campaign(
        "table",
        "mutants of the rental's table",
        "tests.mutation",
        ("table", "--sample", "50"),
        ("table",),
    ),
    Campaign(
        "modules",
        "mutants of engine, guards, actions, journal, outputs",
        "tests.mutation",
        ("modules", "--groups", "outputs", "--sample", "12"),
        ("modules",),
    ),
    Campaign(
        "storage",
        "power cuts at every storage operation, damaged flash",
        "tests.storage_campaign",
        ("--short",),
        (),
    ),
    Campaign(
        "sim",
        "cars, network, daemon and disk with faults, from one seed each",
        "simulator",
        ("sim", "--seeds", "0..299", "--short", "--every-kind"),
        ("sim", "--seeds", "1..10000", "--short", "--every-kind", "--jobs", "2"),
    ),
    Campaign(
        "storms",
        "the same, every twentieth run with an hour of storm and up to four cars",
        "simulator",
        ("sim", "--seeds", "20..24", "--mixed"),
        ("sim", "--seeds", "1..10000", "--mixed", "--jobs", "2"),
    ),
    Campaign(
        "broker_kills",
        "a real broker killed in the middle of events, commands and changes",
        "tests.fleetd.broker_kills",
        ("--kills", "3"),
        ("--kills", "100"),
    ),
    Campaign(
        "stories",
        "stories on CPython and MicroPython with one timeline, and under each profile",
        "tests.all_stories",
        (DAY,),
        (),
    ),
    Campaign(
        "wide",
        "portable tests where integers have 32 bits",
        "tests.portable_on_32_bits",
        ("tests/portable/firmware/test_ticks.py",),
        (),
    ),
    Campaign(
        "cuts",
        "power cuts and resets in the day of a rental",
        "tests.scenario_cuts",
        (DAY, "--random", "2", "--kind", "reset"),
        (DAY, "--random", "200", "--every", "30"),
    ),
    Campaign(
        "fuzz_packets",
        "MQTT packets by chance against the endpoint",
        "tests.protocol",
        ("packets", "--count", "20000"),
        ("packets", "--count", "1000000"),
    ),
    Campaign(
        "fuzz_frames",
        "frames with a right tag and poison inside against daemon and car",
        "tests.protocol",
        ("frames", "--count", "6000"),
        ("frames", "--count", "1000000"),
    ),
    Campaign(
        "heap",
        "days of a car on MicroPython: heap in use, a copy of 512 records each hour",
        "tests.heap_days",
        ("--days", "2", "--hours", "1"),
        ("--days", "7"),
    ),
    Campaign(
        "fuzz_reader",
        "nonsense from the reader's chip, then a good card",
        "tests.bytes_fuzz",
        ("pn532", "--count", "20000"),
        ("pn532", "--count", "1000000"),
    ),
    Campaign(
        "fuzz_licences",
        "the same where licences are cards",
        "tests.bytes_fuzz",
        ("licences", "--count", "20000"),
        ("licences", "--count", "1000000"),
    ),
    Campaign(
        "fuzz_nmea",
        "nonsense from the satellite receiver, then a good sentence",
        "tests.bytes_fuzz",
        ("nmea", "--count", "20000"),
        ("nmea", "--count", "1000000"),
    ),
    Campaign(
        "fuzz_console",
        "nonsense at the technician's console, then a good command",
        "tests.bytes_fuzz",
        ("console", "--count", "2000"),
        ("console", "--count", "1000000"),
    ),
)
