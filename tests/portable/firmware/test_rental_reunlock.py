"""Re-unlock, and what else the profile jparc-2023 says: USE-5, END-1, END-3, SAFE-1, SAFE-2, SAFE-3."""

from firmware.wire import codes
from firmware.wire.journal_format import pack_cause
from tests.portable.firmware.rig import BOOKING, DRIVER, NEXT_BOOKING, OTHER, Rig, profile
from tests.portable.firmware.test_restore import reset

OPEN = [codes.PULSE_UNLOCK, codes.PULSE_RELEASE]
DONE: "tuple[bool, list[int], bytes]" = (True, [], b"")
NOTHING = (True, [codes.NOTHING_TO_UNDO], b"")


def refused(*reasons: int) -> "tuple[bool, list[int], bytes]":
    return False, list(reasons), b""


def jparc(settings: "dict[str, object] | None" = None) -> Rig:
    return Rig(settings, terms=profile("jparc-2023"))


def relocked() -> Rig:
    """No door opened for 60 s."""
    rig = jparc()
    rig.start()
    rig.run(61)
    assert rig.state == "relocked"
    rig.mark()
    return rig


def secured() -> Rig:
    """The key was back for 600 s."""
    rig = jparc()
    rig.come_back()
    rig.run(601)
    assert rig.state == "secured"
    rig.mark()
    return rig


def test_use_5_opens_and_releases_from_relocked_and_secured() -> None:
    for rig in (relocked(), secured()):
        ident = b"REUNLOCK"
        turn = rig.turn
        assert rig.command(codes.VERB_REUNLOCK, ident=ident) == DONE
        assert rig.state == "unlocked" and rig.pulses == OPEN
        assert turn.levels[codes.OUT_HAZARD] == 1
        for line in OPEN:  # SAFE-2: by this command, and for this operation only
            assert turn.pulse_cause[line] == codes.BY_COMMAND
            assert turn.pulse_ident[line] == ident
        record = [body for body in rig.bodies if body[0] == codes.AUDIT_REUNLOCKED]
        assert [body[10:] for body in record] == [pack_cause(codes.BY_COMMAND, ident)]
        assert codes.AUDIT_ENGINE_RELEASED in rig.seen


def test_use_5_flashes_twice() -> None:
    rig = relocked()
    rig.ask(codes.VERB_REUNLOCK)
    rises = 0
    was = 0
    for _ in range(40):
        level = rig.turn.levels[codes.OUT_HAZARD]
        rises += level and not was
        was = level
        rig.advance_ms(100)
        rig.step()
    assert rises == 2


def test_use_5_both_times_begin_again() -> None:
    rig = relocked()
    rig.run(300)
    rig.ask(codes.VERB_REUNLOCK)
    times = dict(rig.deadlines())
    assert times["relock"] == 60000 and times["key"] == 600000
    rig.run(59)
    assert rig.state == "unlocked"
    rig.run(2)
    assert rig.state == "relocked"


def test_use_5_the_key_not_taken_locks_again_after_600_s_start_7() -> None:
    rig = secured()
    rig.ask(codes.VERB_REUNLOCK)
    rig.change(codes.IN_DOOR_DRIVER, codes.YES)
    assert rig.state == "boarding"
    rig.run(599)
    assert rig.state == "boarding"
    rig.run(2)
    assert rig.state == "secured"


def test_use_5_the_drive_goes_on() -> None:
    rig = secured()
    rig.ask(codes.VERB_REUNLOCK)
    rig.finish_pulses()
    rig.change(codes.IN_DOOR_DRIVER, codes.YES)
    rig.change(codes.IN_KEY, codes.NO)
    assert rig.state == "in_use" and "key" not in dict(rig.deadlines())


def test_end_3_a_touch_after_the_reunlock_ends_only_when_the_key_was_out_since() -> None:
    rig = secured()
    assert rig.turn.lamp == codes.LAMP_ORANGE_BLINK
    rig.ask(codes.VERB_REUNLOCK)
    rig.finish_pulses()
    assert rig.turn.lamp == codes.LAMP_DARK
    rig.tap()
    assert rig.state == "unlocked" and rig.reasons() == [codes.BUSY]


def test_use_5_with_the_key_out_it_counts_as_taken_start_7() -> None:
    rig = relocked()
    rig.change(codes.IN_KEY, codes.NO)
    rig.ask(codes.VERB_REUNLOCK)
    rig.change(codes.IN_DOOR_DRIVER, codes.YES)
    assert rig.state == "in_use"


def test_use_5_with_nothing_to_undo_it_is_accepted_and_does_nothing() -> None:
    for story in ("start", "drive_off", "come_back"):
        rig = jparc()
        getattr(rig, story)()
        state, times = rig.state, rig.deadlines()
        rig.mark()
        assert rig.ask(codes.VERB_REUNLOCK) == NOTHING, story
        assert rig.pulses == [] and rig.state == state and rig.deadlines() == times
        assert rig.seen == [codes.AUDIT_COMMAND_RECEIVED]


def test_use_5_while_the_engine_runs_and_a_lock_is_due_nothing_is_undone_safe_1() -> None:
    rig = jparc({"smart_key": True})
    rig.come_back()
    rig.change(codes.IN_ENGINE, codes.YES)
    rig.run(601)
    assert rig.state == "key_returned"
    assert rig.ask(codes.VERB_REUNLOCK) == NOTHING
    rig.mark()
    rig.change(codes.IN_ENGINE, codes.NO)
    assert rig.state == "secured" and rig.pulses == [codes.PULSE_LOCK, codes.PULSE_BLOCK]
    assert rig.ask(codes.VERB_REUNLOCK) == DONE


def test_use_5_past_the_booked_end_the_command_itself_is_the_right_safe_2() -> None:
    rig = relocked()
    rig.run(9000)
    rig.mark()
    assert rig.ask(codes.VERB_REUNLOCK, left_s=0) == DONE
    assert rig.pulses == OPEN


def test_safe_2_a_second_try_rests_on_the_reunlock() -> None:
    rig = relocked()
    rig.run(9000)
    rig.command(codes.VERB_REUNLOCK, ident=b"REUNLOCK")
    rig.set(codes.IN_LOCKED, codes.YES)  # the motor did not move
    rig.snapshot.changed = 0
    rig.mark()
    rig.finish_pulses()
    assert rig.pulses == [codes.PULSE_UNLOCK]
    assert rig.turn.pulse_ident[codes.PULSE_UNLOCK] == b"REUNLOCK"


def test_use_5_another_booking_is_refused() -> None:
    rig = relocked()
    rig.book(NEXT_BOOKING, OTHER)
    answer = rig.ask(codes.VERB_REUNLOCK, NEXT_BOOKING, OTHER)
    assert answer == refused(codes.NOT_THIS_DRIVER)
    assert rig.pulses == [] and rig.state == "relocked"


def test_use_5_without_a_session() -> None:
    rig = jparc()
    assert rig.ask(codes.VERB_REUNLOCK) == refused(codes.NO_BOOKING)
    rig.end()
    assert rig.ask(codes.VERB_REUNLOCK) == refused(codes.BUSY)
    rig.tap()
    assert rig.state == "reopened"
    assert rig.ask(codes.VERB_REUNLOCK) == refused(codes.BUSY)
    rig.mark()
    rig.finish_pulses()
    assert rig.pulses == []


def test_use_5_only_where_the_profile_has_it() -> None:
    rig = Rig()
    rig.start()
    rig.run(61)
    rig.mark()
    assert rig.ask(codes.VERB_REUNLOCK) == refused(codes.NOT_ALLOWED_IN_PROFILE)
    assert rig.state == "relocked" and rig.pulses == []
    assert rig.seen == [codes.AUDIT_COMMAND_RECEIVED, codes.AUDIT_COMMAND_REFUSED]


def test_safe_3_a_reunlock_that_was_cut_off_opens_by_asking_again_only() -> None:
    rig = relocked()
    rig.ask(codes.VERB_REUNLOCK)
    rig.run(20)
    rig.set(codes.IN_LOCKED, codes.YES)
    reset(rig, off_s=10)
    assert rig.state == "unlocked" and rig.pulses == []
    assert dict(rig.deadlines())["relock"] <= 30000
    assert rig.ask(codes.VERB_REUNLOCK) == DONE
    assert rig.pulses == OPEN and dict(rig.deadlines())["relock"] == 60000


def test_safe_3_a_reunlocked_car_that_was_reset_relocks_in_time() -> None:
    rig = relocked()
    rig.ask(codes.VERB_REUNLOCK)
    rig.finish_pulses()
    rig.run(20)
    reset(rig, off_s=30)
    assert rig.state == "unlocked" and rig.pulses == []
    rig.run(11)
    assert rig.state == "relocked"


def test_end_1_gear_is_not_checked() -> None:
    rig = jparc()
    rig.come_back()
    rig.change(codes.IN_GEAR_P, codes.NO)
    rig.tap()
    assert rig.state == "ending"


def test_use_3_and_end_5_by_voice() -> None:
    rig = jparc()
    rig.drive_off()
    turn = rig.command(codes.VERB_END)
    assert turn is not None and not turn[0]
    assert rig.turn.levels[codes.OUT_VOICE] == 1 and rig.turn.levels[codes.OUT_BUZZER] == 0
    rig.run(60)
    spoke = False
    for _ in range(720):
        rig.advance_ms(10000)
        rig.step()
        spoke = spoke or rig.turn.levels[codes.OUT_VOICE] == 1
        assert rig.turn.levels[codes.OUT_BUZZER] == 0
    assert spoke


def lamps(name: str) -> "list[int]":
    """What the reader shows through a use: invite, talk, drive, end, reopen window."""
    rig = Rig(terms=profile(name))
    rig.book()
    shown = [rig.step().lamp]
    rig.snapshot.is_online = True
    shown.append(rig.tap().lamp)
    rig.step(("centre_answered", b""))
    rig.finish_pulses()
    rig.change(codes.IN_DOOR_DRIVER, codes.YES)
    shown.append(rig.change(codes.IN_KNOB_AT_RETURN, codes.NO).lamp)
    rig.change(codes.IN_KEY, codes.NO)
    rig.change(codes.IN_DOOR_DRIVER, codes.NO)
    rig.change(codes.IN_KEY, codes.YES)
    shown.append(rig.change(codes.IN_KNOB_AT_RETURN, codes.YES).lamp)
    rig.tap()
    shown.append(rig.finish_pulses().lamp)
    assert rig.state == "ended"
    assert BOOKING in rig.controller.rental.session.used and DRIVER == 7
    return shown


def test_start_4_end_3_reopen_1_every_profiles_lamp() -> None:
    dark, red, blink = codes.LAMP_DARK, codes.LAMP_RED, codes.LAMP_RED_BLINK
    orange = codes.LAMP_ORANGE_BLINK
    for name in ("top24-2018", "top24-2023"):
        settings = [blink, red, dark, blink, blink]
        if name == "top24-2018":
            # a connector: the knob moves nothing, the key does
            assert lamps(name)[:2] == settings[:2]
            assert lamps(name)[3:] == settings[3:]
        else:
            assert lamps(name) == settings
    assert lamps("jparc-2023") == [
        codes.LAMP_GREEN_BLINK,
        codes.LAMP_THREE_COLOUR,
        dark,
        orange,
        orange,
    ]
