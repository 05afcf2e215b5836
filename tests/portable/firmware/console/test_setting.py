"""set: the centre's is shown, the box's own is changed, recorded, and no secret told (TECH-4)."""

import json

from firmware.wire import codes
from firmware.wire.journal_format import HEAD_BYTES
from tests.portable.firmware.console.gate_rig import GateRig
from tests.portable.firmware.loop_rig import CARD

#: cause u8, ident 8, action u8, argument u8.
ACTION_BYTES = 11


class Own:
    """What a board would keep."""

    secrets = ("wifi_password",)

    def __init__(self, rig: GateRig) -> None:
        self.values = {"host": "centre.example", "wifi_password": "old and secret"}
        self.refuses = ""
        self.events_before = -1
        self._rig = rig

    def items(self) -> "list[tuple[str, str, object]]":
        return [("host", self.values["host"], 1), ("divider", "5700", 2)]

    def check(self, name: str, text: str) -> str:
        return "" if name in self.values else "there is no setting %s; look for it" % name

    def put(self, name: str, text: str) -> str:
        self.events_before = len(sets_among(self._rig.box.loop.committed))
        if not self.refuses:
            self.values[name] = text
        return self.refuses


def recorded(rig: GateRig) -> "list[bytes]":
    """What stands behind ACT_SET, of all that became durable."""
    return sets_among(rig.seen)


def sets_among(events: "list[bytes]") -> "list[bytes]":
    found = []
    for event in events:
        detail = event[HEAD_BYTES:]
        if event[0] == codes.AUDIT_TECHNICIAN_ACTION and detail[9] == codes.ACT_SET:
            found.append(detail[ACTION_BYTES:])
    return found


def unlocked() -> "tuple[GateRig, Own, bytes]":
    rig = GateRig()
    who = rig.unlock(2)
    own = Own(rig)
    rig.inside.own = own
    return rig, own, who


def test_tech_4_what_is_changed_is_recorded_first_with_who_and_what() -> None:
    rig, own, who = unlocked()
    said = rig.asked("set host other.example")
    assert said == ["kept and read back; it holds from the next start on: type reset"]
    assert own.values["host"] == "other.example"
    assert own.events_before == 1  # durable when it was written
    assert rig.actions()[-1] == (who, codes.ACT_SET, 0)
    assert recorded(rig) == [b"host=other.example"]
    assert rig.asked("log 1")[0].split("  ")[-1].endswith("technician did: set host=other.example")


def test_tech_4_a_secret_is_set_and_told_nowhere() -> None:
    rig, own, _ = unlocked()
    rig.taken()
    rig.cable.put(b"set wifi_password depot of the north\r")
    said = rig.hear() + b"".join(rig.seen)
    said += str(rig.asked("set") + rig.asked("net") + rig.asked("log")).encode()
    assert own.values["wifi_password"] == "depot of the north"
    assert recorded(rig) == [b"wifi_password"]
    assert b"depot" not in said and b"north" not in said
    assert b"kept and read back" in said


def test_tech_4_what_the_centre_rules_is_refused() -> None:
    rig, own, _ = unlocked()
    before = dict(own.values)
    for name in ("terms", "profile", "cannot_tell", "key"):
        said = rig.asked("set %s x" % name)
        assert said[0].startswith("%s is ruled by the centre's log: change it there" % name)
    assert rig.asked("set colour red") == ["there is no setting colour: look for it"]
    (answer,) = [json.loads(line) for line in rig.asked("set colour red --json")]
    assert answer == {"ok": False, "error": "there is no setting colour", "do": "look for it"}
    assert rig.asked("set host")[0].startswith("set takes a name and a value")
    assert own.values == before and recorded(rig) == []


def test_tech_4_a_board_without_settings_says_so() -> None:
    rig, _, _ = unlocked()
    rig.inside.own = None
    assert rig.asked("set host x")[0].startswith("this board keeps no settings")
    assert rig.asked("set")[-1] == "All of these are the centre's: its log rules them."


def test_tech_4_both_kinds_are_shown_and_net_has_those_of_the_way() -> None:
    rig, _, _ = unlocked()
    said = rig.asked("set")
    assert said[0] == "cannot_tell        an end asks again"
    assert said[-2:] == ["host               centre.example", "divider            5700"]
    said = rig.asked("net")
    assert said[-1] == "host        centre.example"
    assert rig.asked("set --json")[-1].startswith('{"ok":true')


def test_tech_4_what_could_not_be_written_is_told() -> None:
    rig, own, _ = unlocked()
    own.refuses = "the flash is bad"
    assert rig.asked("set host other.example") == ["the flash is bad: type set for what there is"]
    assert rig.asked("set host other.example --json")[-1].startswith('{"ok":false')


def test_tech_4_what_cannot_be_recorded_is_not_changed() -> None:
    rig, own, _ = unlocked()
    rig.box.loop._journal.is_open = False
    assert rig.asked("set host other.example")[0].startswith("not changed, the journal cannot")
    assert own.values["host"] == "centre.example"


def test_tech_2_nothing_is_set_in_a_running_use() -> None:
    rig = GateRig()
    rig.box.book()
    rig.box.reader.card = CARD
    rig.asked("version")
    for _ in range(200):
        rig.turn(10)
    assert rig.state not in ("vacant", "ended")
    rig.unlock(2)
    rig.inside.own = own = Own(rig)
    assert rig.asked("set host x") == [
        "the car is in use: try when status says that nobody uses it"
    ]
    assert own.values["host"] == "centre.example" and recorded(rig) == []


def test_tech_4_ctrl_c_does_not_part_the_record_from_the_change() -> None:
    for turns in range(6):
        rig, own, _ = unlocked()
        rig.cable.put(b"set host other.example\r")
        for _ in range(turns):
            rig.turn(10)
        rig.cable.put(b"\x03")
        for _ in range(30):
            rig.turn(10)
        assert (own.values["host"] == "other.example") == (len(recorded(rig)) == 1), turns


def test_a_board_makes_them_when_somebody_asks_first() -> None:
    """What nobody uses takes no memory."""
    for line in ("set", "net", "set host x"):
        rig, own, _ = unlocked()
        rig.inside.own = None
        made: "list[Own]" = []

        def make(own: Own = own, made: "list[Own]" = made) -> Own:
            made.append(own)
            return own

        rig.inside.make_own = make
        rig.asked("status")
        assert made == []
        rig.asked(line)
        rig.asked(line)
        assert made == [own], line
