"""What the car goes by: its copy's terms record, or else what it was provisioned with (rule 10).

New terms never act in the middle of a use: a car that is vacant, with nothing pending, takes them
at once, any other when it is. A start of the program takes them too, before the controller; what
runs then keeps its remaining times. The code that reads and checks a record is loaded for that
alone.
"""

from firmware.compat import unload
from firmware.session import SECURITY_DUE, STAFF_IN
from firmware.ticks import FAR_MS
from firmware.wire.codes import OP_PUT_TERMS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.cache import Cache
    from firmware.car_terms import Settings, Terms
    from firmware.keyring import Keyring
    from firmware.rental import Rental


class TermsWatch:
    """Changes `terms` and `settings` in place: everybody has the same two."""

    def __init__(
        self, cache: "Cache", keyring: "Keyring", terms: "Terms", settings: "Settings"
    ) -> None:
        self._records = cache.terms
        self._keyring = keyring
        self._terms = terms
        self._settings = settings
        self._version = -1
        self._provisioned = b""  # as a record, once there was another one
        cache.check_with(self._holds)

    def _holds(self, op: int, record: bytes) -> bool:
        """Whether terms or a key that came can be meant; too little memory to tell is a no."""
        if op != OP_PUT_TERMS:
            return self._keyring.holds(record)
        try:
            from firmware.terms import unpack_record

            unpack_record(record)
        except (ValueError, MemoryError):
            return False
        finally:
            _unload()
        return True

    def is_due(self, rental: "Rental") -> bool:
        """Whether the copy's terms changed and may act now."""
        if self._records.version == self._version or rental.state != "vacant":
            return False
        busy = rental.session.has(STAFF_IN) or rental.session.has(SECURITY_DUE)
        return not busy and rental.deadlines.next_ms() == FAR_MS

    def take(self) -> bool:
        """Go by the copy's terms; whether anything is different now."""
        self._version = self._records.version
        record = bytes(self._records.dump())
        if not record and not self._provisioned:
            return False
        from firmware.terms import TermsError, pack_record, unpack_record

        own = pack_record(self._terms, self._settings)
        self._provisioned = self._provisioned or own
        record = record or self._provisioned
        is_new = record != own
        if is_new:
            try:
                terms, settings = unpack_record(record)
                _fill(self._terms, terms)
                _fill(self._settings, settings)
            except TermsError:
                is_new = False  # an earlier program took it; this one knows better
        _unload()
        return is_new


def _fill(old: object, new: object) -> None:
    values = new.__dict__
    for name in values:
        setattr(old, name, values[name])


def _unload() -> None:
    unload("firmware.terms")
    unload("firmware.terms_fields")
