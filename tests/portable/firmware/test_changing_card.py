"""A card whose identifier changes, which the reader tells as NO_IDENT: ENROL-2, START-9, SAFE-2."""

from firmware.wire import codes
from firmware.wire.journal_format import NO_IDENT, pack_refusal
from tests.portable.firmware.rig import DRIVER, STRANGER, Rig
from tests.portable.firmware.test_rental_enrol import details, opened

REFUSED = pack_refusal(codes.BY_CARD, NO_IDENT, [(codes.UNKNOWN_CARD, 0)])


def test_enrol_2_it_is_refused_and_the_reader_goes_on_waiting() -> None:
    rig = opened()
    turn = rig.tap(NO_IDENT)
    assert turn.lamp == codes.LAMP_REFUSED
    assert details(rig, codes.AUDIT_CARD_REFUSED) == [REFUSED]
    assert details(rig, codes.AUDIT_CARD_ENROLLED) == []
    rig.run(5)
    assert rig.turn.lamp == codes.LAMP_GREEN_YELLOW_BLINK
    rig.tap(STRANGER)
    assert len(details(rig, codes.AUDIT_CARD_ENROLLED)) == 1


def test_start_9_it_is_refused_like_any_card_that_nobody_knows() -> None:
    rig = Rig()
    rig.book()
    rig.step()
    rig.mark()
    assert rig.tap(NO_IDENT).lamp == codes.LAMP_REFUSED
    assert details(rig, codes.AUDIT_CARD_REFUSED) == [REFUSED]
    assert rig.pulses == [] and rig.state == "vacant"


def test_safe_2_it_is_nobodys_even_where_the_copy_names_an_owner() -> None:
    rig = Rig()
    rig.cards.put(NO_IDENT, DRIVER)
    rig.staff.put(NO_IDENT, 7)
    rig.book()
    rig.step()
    rig.mark()
    rig.tap(NO_IDENT)
    assert details(rig, codes.AUDIT_CARD_REFUSED) == [REFUSED]
    assert rig.pulses == [] and rig.state == "vacant"
