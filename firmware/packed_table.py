"""A statechart as the engine runs it: names once, rows as bytes. Made by `table_packer`.

On a chip the tuples of a table cost about 160 bytes of RAM a row, packed ones about 8; so the box
packs the table when it starts and lets tuples and packer go.

A state's program begins with a place for each event: where its rows begin, 0 for none. An event's
rows are the state's own and then its parent's, ended by a 0, each

    next u8 | target u8 (255: stay) | actions u8 | guard u8 ... | action u8 ...

where `next` and `actions` are places in the program and the top bit of a guard negates it.
"""

TYPE_CHECKING = False

NEGATED = 0x80
STAY = 0xFF
NO_PARENT = 0xFF


class PackedTable:
    """What `Machine` runs on. Numbers are indices into `states`, `events`, `guards`, `actions`."""

    if TYPE_CHECKING:
        states: tuple[str, ...]
        initial: str
        parents: bytes  # a state each, NO_PARENT for none
        enter: list[bytes]  # entry actions, a state each
        leave: list[bytes]
        programs: list[bytes]
        events: dict[str, int]
        guards: tuple[str, ...]
        actions: tuple[str, ...]
        timers: tuple[str, ...]
        timer_states: bytes  # NO_PARENT: armed by actions alone
        timer_delays: tuple[str, ...]
        timer_events: tuple[str, ...]
