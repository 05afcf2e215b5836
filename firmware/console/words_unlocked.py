"""The gate's commands, and those that need it unlocked."""

_UNLOCKING = "firmware.console.unlocking"
_SERVICE = "firmware.console.service"
_DATA = "firmware.console.data"
_EXPORT = "firmware.console.export"
_SELFTEST = "firmware.console.selftest"
_PIN = "firmware.console.pin"
_SETTING = "firmware.console.setting"
_LEAVING = "firmware.console.leaving"

#: (name, level, module, function, what may stand behind it, one line of help)
UNLOCKED = (
    ("unlock", 0, _UNLOCKING, "unlock", "[1|2|3|card]", "by question and answer, or card and PIN"),
    ("answer", 0, _UNLOCKING, "answer", "XXXX-XXXX-XX", "the answer to the question"),
    ("pin", 0, _PIN, "pin", "NNNN NNNN", "of today, for the staff card of unlock card"),
    ("lock", 0, _UNLOCKING, "lock", "", "end what was unlocked"),
    ("exit", 0, _UNLOCKING, "leave", "", "lock; how to leave the terminal program"),
    ("quit", 0, _UNLOCKING, "leave", "", "likewise"),
    ("test", 1, _SERVICE, "test", "[output]", "red green yellow hazard buzzer voice doors starter"),
    ("selftest", 1, _SELFTEST, "selftest", "", "the whole box: OK, NOT OK, CANNOT TELL"),
    ("doors", 1, _SERVICE, "doors", "lock|unlock", "of a parked car"),
    ("maintenance", 1, _SERVICE, "maintenance", "on|off", "no driver can start while it is on"),
    ("engine", 2, _SERVICE, "engine", "release|block", "the starter; release in maintenance only"),
    ("reset", 2, _SERVICE, "reset", "", "start the program anew; a use goes on"),
    ("bare", 2, _LEAVING, "bare", "", "start anew and wait for another key"),
    (
        "prompt",
        3,
        _LEAVING,
        "prompt",
        "",
        "end the program: the interpreter's prompt, for flashing",
    ),
    ("card", 1, _DATA, "card", "", "hold a card to the reader: what the car would say to it"),
    ("cache", 1, _DATA, "cache", "", "the copy of bookings and cards: how old, how many"),
    ("net", 1, _DATA, "net", "[retry]", "the way to the centre, and what went wrong last"),
    ("set", 2, _SETTING, "set_", "[name value]", "what the box goes by; change what is its own"),
    ("journal", 1, _EXPORT, "journal", "export", "events not yet confirmed, for fleetd decode"),
)
