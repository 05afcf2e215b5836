"""What the firmware knows of operator and car: plain values, filled in by `terms`."""

TYPE_CHECKING = False

# What an input of END-1 that cannot be told means for an end (END-8).
ASK_AGAIN = 0
STAFF_REVIEW = 1
REFUSE = 2


class Terms:
    """One profile's figures; durations of deadlines in ms, spans of wall time in s."""

    if TYPE_CHECKING:
        lamp_start: int
        lamp_talking: int
        lamp_end: int
        lamp_reopen: int
        start_early_s: int
        reader_window_s: int
        ask_ms: int
        relock_ms: int
        key_ms: int
        key_return_ms: int
        reopen_window_ms: int
        warn_before_ms: int
        warn_every_ms: int
        refused_end_ms: int
        enrol_ms: int
        gear_is_checked: bool
        has_reunlock: bool
        has_enrolment: bool
        reads_licences: bool
        speaks: bool
        key_box: str


class Settings:
    """What one car has, and what "cannot tell" means for it (END-8)."""

    if TYPE_CHECKING:
        key_has_knob: bool
        has_reader: bool
        has_gear_sensor: bool
        has_smart_key: bool
        cannot_tell: int
        no_sensors: int  # a bit for each input that is not wired: it can never be told
        no_doors: int  # a bit for each door that the car does not have: always closed
