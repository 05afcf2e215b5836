"""Numbers that box and daemon write instead of names; the names stand in `code_names`.

A number is never given to another meaning. New ones go at the end.
"""

# Audit events, the first byte of every record in the journal.
AUDIT_START_REQUESTED = 1
AUDIT_START_REFUSED = 2
AUDIT_CARD_REFUSED = 3
AUDIT_UNLOCKED = 4
AUDIT_LOCKED = 5
AUDIT_DOOR_OPENED = 6
AUDIT_DOOR_CLOSED = 7
AUDIT_KEY_OUT = 8
AUDIT_KEY_IN = 9
AUDIT_ENGINE_BLOCKED = 10
AUDIT_ENGINE_RELEASED = 11
AUDIT_RELOCKED = 12
AUDIT_SECURITY_DUE = 13
AUDIT_SECURED = 14
AUDIT_REUNLOCKED = 15
AUDIT_WARNED = 16
AUDIT_EXTENDED = 17
AUDIT_WINDOW_LAPSED = 18
AUDIT_END_REQUESTED = 19
AUDIT_END_REFUSED = 20
AUDIT_ENDED = 21
AUDIT_REOPEN_REQUESTED = 22
AUDIT_REOPEN_REFUSED = 23
AUDIT_REOPENED = 24
AUDIT_REOPEN_LOCKED = 25
AUDIT_WINDOW_OVER = 26
AUDIT_ENROL_OPENED = 27
AUDIT_ENROL_EXPIRED = 28
AUDIT_CARD_ENROLLED = 29
AUDIT_COMMAND_RECEIVED = 30
AUDIT_COMMAND_REFUSED = 31
AUDIT_STAFF_IN = 32
AUDIT_STAFF_OUT = 33
AUDIT_TECHNICIAN_IN = 34
AUDIT_TECHNICIAN_ACTION = 35
AUDIT_TECHNICIAN_OUT = 36
AUDIT_RESET = 37
AUDIT_POWER_LOST = 38
AUDIT_FAULT = 39
AUDIT_FAULT_CLEARED = 40
AUDIT_CLOCK_SET = 41
AUDIT_POSITION_REPORTED = 42
AUDIT_GAP = 43

#: Events that may be dropped, and counted in a gap, when the journal is full.
AUDIT_LOW_PRIORITY = bytes(
    (
        AUDIT_CARD_REFUSED,
        AUDIT_DOOR_OPENED,
        AUDIT_DOOR_CLOSED,
        AUDIT_WARNED,
        AUDIT_WINDOW_LAPSED,
        AUDIT_ENROL_EXPIRED,
        AUDIT_FAULT_CLEARED,
        AUDIT_CLOCK_SET,
        AUDIT_POSITION_REPORTED,
    )
)

# Reasons of a refusal.
TOO_EARLY = 1
WINDOW_OVER = 2
BOOKING_OVER = 3
NO_BOOKING = 4
UNKNOWN_CARD = 5
NOT_THIS_DRIVER = 6
NOT_RETURNED = 7
LICENCE_EXPIRED = 8
CLOCK_UNTRUSTED = 9
LEASE_OVER = 10
JOURNAL_FULL = 11
ENGINE_RUNNING = 12
KEY_NOT_IN_BOX = 13
BRAKE_OFF = 14
DOOR_OPEN = 15
NOT_IN_PARK = 16
CANNOT_TELL = 17
REOPEN_USED = 18
REOPEN_OVER = 19
EXPIRED = 20
REPLAYED = 21
BAD_SIGNATURE = 22
UNREACHABLE = 23
BUSY = 24
IN_MAINTENANCE = 25
NOT_ALLOWED_IN_PROFILE = 26
NOTHING_TO_UNDO = 27  # information beside an acceptance, not a refusal
NOT_IN_MAINTENANCE = 28

# States of the rental, as the session record and the daemon write them.
STATE_NAMES = (
    "vacant",
    "authorising",
    "unlocked",
    "boarding",
    "in_use",
    "key_returned",
    "ending",
    "ended",
    "reopened",
    "relocked",
    "secured",
    "maintenance",
)

# Faults.
FAULT_LOCK_NOT_CONFIRMED = 1
FAULT_UNLOCK_NOT_CONFIRMED = 2
FAULT_BLOCK_NOT_CONFIRMED = 3
FAULT_RELEASE_NOT_CONFIRMED = 4
FAULT_JOURNAL_FAILED = 5
FAULT_READER_SILENT = 6
FAULT_PROGRAM_ERROR = 7
FAULT_KEY_CANNOT_TELL = 8
FAULT_CACHE_FAILED = 9
FAULT_DOORS_LEFT_OPEN = 10
FAULT_INPUT_NOISY = 11
FAULT_INPUT_CONTRADICTORY = 12
FAULT_INPUT_STALE = 13
FAULT_SESSION_UNREADABLE = 14
FAULT_STARTER_MOVED = 15  # the read-back changed although no pulse asked for it
FAULT_ANTENNA_MISSING = 16  # its argument: ANTENNA_OPEN or ANTENNA_SHORT
FAULT_BATTERY_LOW = 17  # the argument of both: the voltage in tenths, 0 when nobody can tell
FAULT_BATTERY_CRITICAL = 18

# What a receiver says of its antenna; from OPEN on it is none.
ANTENNA_UNKNOWN = 0
ANTENNA_OK = 1
ANTENNA_OPEN = 2
ANTENNA_SHORT = 3

# Where the odometer's metres come from.
ODOMETER_NONE = 0
ODOMETER_PULSES = 1
ODOMETER_POSITIONS = 2

# Who or what caused a pulse or an operation.
BY_NOBODY = 0
BY_CARD = 1
BY_COMMAND = 2
BY_DEADLINE = 3
BY_TECHNICIAN = 4
BY_RESUME = 5

# Verbs of a command from the centre.
VERB_START = 1
VERB_END = 2
VERB_REOPEN = 3
VERB_LOCK = 4
VERB_REUNLOCK = 5
VERB_ENROL = 6
VERB_POSITION = 7
VERB_MAINTENANCE_ON = 8
VERB_MAINTENANCE_OFF = 9

# What a technician did at the console, in `technician_action`.
ACT_OPEN = 1  # unlocked the console; its argument: the level
ACT_CLOSE = 2  # its argument: CLOSED_*
ACT_UNLOCK = 3
ACT_LOCK = 4
ACT_RELEASE = 5
ACT_BLOCK = 6
ACT_MAINTENANCE_ON = 7
ACT_MAINTENANCE_OFF = 8
ACT_TEST = 9  # its argument: OUT_*
ACT_SELFTEST = 10  # its argument: how many lines are not OK; behind it a byte a line
ACT_RESET = 11
ACT_EXPORT = 12
ACT_PROMPT = 13  # the interpreter's prompt was opened
ACT_SET = 14

# Why a console was locked again.
CLOSED_BY_HAND = 0
CLOSED_BY_TIME = 1
CLOSED_BY_CABLE = 2

# Operations on the records that the car keeps.
OP_PUT_BOOKING = 1
OP_DEL_BOOKING = 2
OP_PUT_CARD = 3
OP_DEL_CARD = 4
OP_PUT_STAFF = 5
OP_DEL_STAFF = 6
OP_PUT_TERMS = 7
OP_DEL_TERMS = 8
OP_PUT_KEY = 9
OP_DEL_KEY = 10

# Warnings that go with an accepted end (END-2).
WARN_LIGHTS_ON = 1
WARN_WINDOW_OPEN = 2

# What the reader shows.
LAMP_DARK = 0
LAMP_RED_BLINK = 1
LAMP_RED = 2
LAMP_GREEN_BLINK = 3
LAMP_THREE_COLOUR = 4
LAMP_ORANGE_BLINK = 5
LAMP_GREEN_YELLOW_BLINK = 6
LAMP_REFUSED = 7

# Inputs of the car, the order of `Ports.inputs` and of the snapshot's values.
IN_DOOR_DRIVER = 0
IN_DOOR_PASSENGER = 1
IN_DOOR_REAR_LEFT = 2
IN_DOOR_REAR_RIGHT = 3
IN_TRUNK = 4
IN_KEY = 5
IN_KNOB_AT_RETURN = 6
IN_ENGINE = 7
IN_MOVING = 8
IN_BRAKE = 9
IN_GEAR_P = 10
IN_LIGHTS = 11
IN_WINDOW = 12
IN_LOCKED = 13
IN_BLOCKED = 14
INPUTS = 15

# Values of an input.
NO = 0
YES = 1
UNKNOWN = 2
#: Of a port only: there is a reading, but none came for longer than it holds good.
STALE = 3

# Pulses, each on a line of its own.
PULSE_UNLOCK = 0
PULSE_LOCK = 1
PULSE_RELEASE = 2
PULSE_BLOCK = 3
PULSES = 4

# Level outputs, the order of `Ports.levels`.
OUT_RED = 0
OUT_GREEN = 1
OUT_YELLOW = 2
OUT_HAZARD = 3
OUT_BUZZER = 4
OUT_VOICE = 5
OUTS = 6
