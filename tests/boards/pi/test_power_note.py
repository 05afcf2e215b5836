"""Whether a Raspberry Pi went down under its program: `power_lost` of the journal."""

from pathlib import Path

from boards.pi.power_note import BOOT_ID, PowerNote


def note(tmp_path: Path, boot: str) -> PowerNote:
    """Of a program that begins in that boot of the machine."""
    boot_id = tmp_path / "boot_id"
    boot_id.write_text(boot + "\n")
    return PowerNote(tmp_path / "kept.txt", boot_id)


def test_another_boot_under_a_program_that_nobody_stopped(tmp_path: Path) -> None:
    assert not note(tmp_path, "one").begin()  # the first ever
    assert note(tmp_path, "two").begin()
    assert not note(tmp_path, "two").begin()  # the program crashed; the machine went on
    assert note(tmp_path, "three").begin()


def test_a_machine_that_was_shut_down_lost_no_power(tmp_path: Path) -> None:
    first = note(tmp_path, "one")
    first.begin()
    first.forget()
    first.forget()
    assert not note(tmp_path, "two").begin()


def test_what_cannot_be_read_or_written_is_not_told(tmp_path: Path) -> None:
    note(tmp_path, "one").begin()
    (tmp_path / "kept.txt").write_bytes(b"\xff\xfe")
    assert not note(tmp_path, "two").begin()  # damaged: nobody knows
    assert not PowerNote(tmp_path / "kept.txt", tmp_path / "no such file").begin()
    nowhere = PowerNote(tmp_path / "no folder" / "kept.txt", tmp_path / "boot_id")
    assert not nowhere.begin()
    nowhere.forget()


def test_linux_tells_the_name_of_its_boot() -> None:
    assert len(BOOT_ID.read_text(encoding="ascii").strip()) == 36
