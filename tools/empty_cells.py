"""Why an event of the rental does nothing in a state: a reason for each empty cell of the matrix.

States are named one by one, never "all others": a new state has to be thought of anew for each
event, or `make check` fails.
"""

from __future__ import annotations

#: ((states, why), ...)
Reasons = tuple[tuple[tuple[str, ...], str], ...]

_PARKED = ("vacant", "ended", "maintenance")
_BUSY = ("authorising", "ending", "reopened")
_DRIVEN = ("in_use", "key_returned")
_SHUT = ("relocked", "secured")
_SESSION = ("unlocked", "boarding", *_DRIVEN, *_SHUT)

_DISARMED = "its deadline is bound to the one state that has a row, and is disarmed when it is left"

EMPTY_CELLS: dict[str, Reasons] = {
    "asking_finished": (
        (
            (*_PARKED, "ending", "reopened", *_SESSION),
            "nobody asks there; an answer that comes after a command has decided is late (START-12)",
        ),
    ),
    "car_came_to_rest": (
        ((*_PARKED, *_BUSY), "no security lock can be due: there is no running use (SAFE-1)"),
        (("in_use",), "the key is out, and taking it cancelled a lock that was due (USE-2)"),
    ),
    "door_opened": (
        (("ending",), "the read-back of the locks decides whether the end is done (END-4, END-7)"),
        (("boarding",), "one door is enough; the next ones tell nothing new (START-6)"),
        (_DRIVEN, "an ordinary car, the driver's own key included (USE-1)"),
        (_SHUT, "opened from inside or with the driver's own key: it stays locked and blocked"),
    ),
    "doors_cleared": (
        (
            ("boarding", *_DRIVEN, *_SHUT),
            "closing locks nothing: the driver does that (USE-1)",
        ),
        (("maintenance",), "nothing waits for it; its end locks (STAFF-CAR-1)"),
        (("ending",), "an end begins with closed doors; the locks' read-back decides (END-4)"),
    ),
    "key_deadline_passed": (
        ((*_PARKED, "authorising", "reopened"), "armed by a start, disarmed by its end (START-7)"),
        (_DRIVEN, "the key was out, and taking it disarmed this (START-7)"),
        (_SHUT, "the lock that it would bring is done, and disarmed it (START-6, START-7)"),
        (
            ("ending",),
            "the end under way shuts the car; held, it comes again should that fail (END-5)",
        ),
    ),
    "key_return_deadline_passed": (
        ((*_PARKED, "authorising", "reopened"), "armed during use, disarmed by its end (USE-2)"),
        (("unlocked", "boarding"), "armed by the first return of the key, not before (USE-2)"),
        (("in_use",), "taking the key disarmed it (USE-2)"),
        (_SHUT, "the lock that it would bring is done, and disarmed it (USE-2)"),
        (
            ("ending",),
            "the end under way shuts the car; held, it comes again should that fail (END-5)",
        ),
    ),
    "key_returned": (
        (
            ("unlocked", "boarding"),
            "the key is where it was at the start; its 600 s run on (START-7)",
        ),
        (("key_returned",), "only after a reset, when the input is read anew; its time runs on"),
        (_SHUT, "the car is shut; an end, or a re-unlock, is the way out (END-6, USE-5)"),
        ((*_PARKED, "authorising"), "no use runs; the key belongs there"),
        (("reopened",), "the lock asks where the key is when it is asked for (REOPEN-3)"),
    ),
    "key_taken": (
        (("in_use",), "only after a reset, when the input is read anew"),
        (
            (*_PARKED, "authorising"),
            "no use runs and the engine is blocked; the journal has the key",
        ),
        (("reopened",), "the lock is refused with that reason (REOPEN-3)"),
    ),
    "relock_deadline_passed": (((*_PARKED, *_BUSY, "boarding", *_DRIVEN, *_SHUT), _DISARMED),),
    "reopen_relock_deadline_passed": (((*_PARKED, "authorising", "ending", *_SESSION), _DISARMED),),
    "reopen_window_passed": (
        (_SESSION, "a start closes the window before it (START-10)"),
        (("ending",), "the window begins when the end is done (END-4)"),
        (("vacant", "maintenance"), "the window is over; what ended it disarmed it (REOPEN-4)"),
    ),
    "resumed": (
        (
            ("unlocked",),
            "a reset opens nothing: the driver's next touch finishes what was cut off (SAFE-3)",
        ),
        (
            ("boarding", *_DRIVEN),
            "a reset locks nobody's running use; its deadlines go on (SAFE-3)",
        ),
        (("authorising",), "never restored: the record says where it was asked (SAFE-3)"),
        (("maintenance",), "a reset opens and locks nothing in a technician's car (STAFF-CAR-1)"),
    ),
    "staff_deadline_passed": (
        (
            ("ending", "reopened", *_SESSION),
            "a start or a reopen sees staff out before it, and disarms this (STAFF-CAR-1)",
        ),
    ),
    "warning_due": (
        ((*_PARKED, "authorising", "reopened"), "armed by a start, disarmed by its end (USE-3)"),
        (
            ("ending",),
            "a driver who ends needs no warning; held, it comes should the end fail (END-5)",
        ),
    ),
}
