"""What `journal export` says is what `fleetd decode` reads (TECH-4)."""

from __future__ import annotations

from fleetd.decode.lines import line_words
from tests.portable.firmware.console.gate_rig import GateRig


def test_the_export_is_decoded_event_by_event() -> None:
    rig = GateRig()
    who = rig.unlock(1)
    rig.asked("test red")
    said = rig.asked("journal export")
    events = []
    for line in said:
        words = line_words(line, None)
        if words is not None:
            assert "unreadable" not in words, words
            events += words["events"]
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    acted = [event for event in events if event["event"] == "technician_action"]
    assert [event["action"] for event in acted] == ["open", "test", "export"]
    assert all(event["question"] == who.decode() for event in acted)
    assert all(event["by"] == "technician" and "senseless" not in event for event in events[1:])
