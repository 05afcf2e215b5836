"""The rental's table, set running: engine, guards and actions around one `Rental`."""

from firmware.machine import Machine
from firmware.rental_actions import RentalActions
from firmware.rental_guards import RentalGuards
from firmware.rental_rows import RENTAL

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.rental import Rental


class RentalMachine:
    """Events go in by `dispatch`; what follows stands in the rental's turn."""

    def __init__(self, rental: "Rental") -> None:
        self._r = rental
        self.actions = RentalActions(rental)
        self._machine = Machine(
            RENTAL, RentalGuards(rental), self.actions, rental.terms, rental.deadlines
        )

    def dispatch(self, event: str) -> bool:
        """Let the table act on an event; whether a row fitted."""
        r = self._r
        flags, armed = r.session.flags, r.deadlines.armed()
        acted = self._machine.dispatch(event)
        if flags != r.session.flags or armed != r.deadlines.armed():
            r.turn.session_changed = True  # also where the state stays: SAFE-3
        if self._machine.state != r.state:
            r.state = self._machine.state
            r.turn.session_changed = True
            r.session.is_resumed = False
        return acted

    def place(self, state: str) -> None:
        """Stand in a state without entering it."""
        self._machine.place(state)
        self._r.state = self._machine.state
