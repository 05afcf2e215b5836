"""What the car goes by: its copy's terms record, or else what it was provisioned with (rule 10).

New terms never act in the middle of a use, but after a reset: a car that is vacant, with nothing
pending, takes them at once, any other when it is. A start of the program takes them whatever the
car is at, before the controller; what runs then keeps its remaining times. The code that reads and
checks a record is loaded for that alone.
"""

from firmware.cache import DOES_NOT_FIT
from firmware.compat import unload
from firmware.session import STAFF_IN
from firmware.tables import SENSELESS
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
        self._cache = cache
        self._records = cache.terms
        self._keyring = keyring
        self._terms = terms
        self._settings = settings
        self._version = -1
        self._provisioned = b""  # as a record, once there was another one
        cache.check_with(self._objection)

    def _objection(self, op: int, record: bytes) -> int:
        """What speaks against terms or a key that came, 0 for nothing.

        Without memory to tell they do not fit; but what a start reads again did when it came.
        """
        if op != OP_PUT_TERMS:
            return 0 if self._keyring.holds(record) else SENSELESS
        try:
            from firmware.terms import unpack_record

            unpack_record(record)
        except ValueError:
            return SENSELESS
        except MemoryError:
            return 0 if self._version < 0 else DOES_NOT_FIT
        finally:
            _unload()
        return 0

    def is_due(self, rental: "Rental") -> bool:
        """Whether the copy's terms changed and may act now."""
        if self._records.version == self._version or not self._cache.is_open:
            return False
        if rental.state != "vacant" or rental.session.has(STAFF_IN):
            return False
        return rental.deadlines.next_ms() == FAR_MS

    def take(self) -> bool:
        """Go by the copy's terms; whether anything is different now.

        Without the memory for it what was in force stays, until the next change or start.
        """
        self._version = self._records.version
        record = self._records.get()
        if not record and not self._provisioned:
            return False
        try:
            from firmware.terms import pack_record, unpack_record

            own = pack_record(self._terms, self._settings)
            self._provisioned = self._provisioned or own
            record = record or self._provisioned
            if record == own:
                return False
            terms, settings = unpack_record(record)
            # From here on nothing needs memory: all of it is taken, or none.
            both = ((self._terms, terms.__dict__), (self._settings, settings.__dict__))
        except (ValueError, MemoryError):
            return False  # ValueError: an earlier program took it; this one knows better
        finally:
            _unload()
        for old, values in both:
            for name in values:
                setattr(old, name, values[name])
        return True


def _unload() -> None:
    unload("firmware.terms")
    unload("firmware.terms_fields")
