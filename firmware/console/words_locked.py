"""The commands that need no unlocking: they tell, and change nothing."""

_LOOK = "firmware.console.look"
_SENSORS = "firmware.console.sensors"
_TELLING = "firmware.console.telling"
_PAST = "firmware.console.past"

#: (name, level, module, function, what may stand behind it, one line of help)
LOCKED = (
    ("help", 0, _TELLING, "help_", "[command]", "what can be asked, or more of one command"),
    (
        "status",
        0,
        _LOOK,
        "status",
        "[faults]",
        "one screen: use, bookings, reader, network, faults",
    ),
    ("sensors", 0, _SENSORS, "sensors", "[live]", "every input of the car; live: until a key"),
    ("why", 0, _PAST, "why", "", "the last refusals, their reasons and what to do"),
    ("log", 0, _PAST, "log", "[n]", "the newest n events of the journal (20), newest last"),
    ("version", 0, _TELLING, "version", "", "of the program, and which car this is"),
)
