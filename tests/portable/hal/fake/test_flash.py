"""The fake flash behaves as a NOR chip does, also when it is cut or fails."""

from hal.fake.flash import Flash, PowerCut


def value_error_of(flash: Flash, offset: int, data: bytes) -> str:
    try:
        flash.program(offset, data)
    except ValueError as error:
        return str(error)
    return ""


def content(flash: Flash, offset: int, count: int) -> bytes:
    buffer = bytearray(count)
    flash.read(offset, buffer)
    return bytes(buffer)


def is_cut_off(flash: Flash, offset: int, data: bytes) -> bool:
    try:
        flash.program(offset, data)
    except PowerCut:
        return True
    return False


def test_program_only_clears_bits_and_erase_sets_a_sector() -> None:
    flash = Flash(sectors=2)
    assert content(flash, 0, 3) == b"\xff\xff\xff"
    flash.program(4096, b"\xf0\x0f")
    flash.program(4096, b"\x3c\x3c")
    assert content(flash, 4096, 3) == b"\x30\x0c\xff"
    flash.program(0, b"\x00")
    flash.erase(1)
    assert content(flash, 4096, 3) == b"\xff\xff\xff"
    assert content(flash, 0, 1) == b"\x00"
    assert flash.erases == [0, 1]


def test_time_is_counted_by_the_page() -> None:
    flash = Flash(sectors=2)
    flash.program(0, b"\x00" * 256)
    assert (flash.busy_us, flash.operations) == (500, 1)
    flash.program(300, b"\x00" * 300)
    assert (flash.busy_us, flash.operations) == (1500, 3)
    flash.erase(0)
    assert flash.busy_us == 46500


def test_misuse_is_a_value_error() -> None:
    flash = Flash(sectors=2)
    assert value_error_of(flash, 4090, b"1234567") == "bytes 4090 to 4097 cross a sector"
    assert value_error_of(flash, 4090, b"123456") == ""
    assert value_error_of(flash, 8190, b"123") == "bytes 8190 to 8193 are outside the flash"
    assert value_error_of(flash, -1, b"1") == "bytes -1 to 0 are outside the flash"
    for sector in (-1, 2):
        try:
            flash.erase(sector)
            raise AssertionError("erase of sector %d" % sector)
        except ValueError:
            pass


def test_a_cut_program_clears_no_bit_that_it_was_not_told_to() -> None:
    kinds = set()
    data = bytes(range(200))
    for seed in range(60):
        flash = Flash(sectors=2, seed=seed)
        flash.cut_after = 1
        flash.program(0, b"\x12")
        assert is_cut_off(flash, 512, data)
        assert flash.is_dead
        assert is_cut_off(flash, 1024, b"\x00")
        flash.restore_power()
        found = content(flash, 512, 200)
        for index in range(200):
            assert found[index] & data[index] == data[index]
        kinds.add("all" if found == data else "none" if found == b"\xff" * 200 else "part")
        assert content(flash, 712, 400) == b"\xff" * 400
        assert content(flash, 0, 1) == b"\x12"
    assert kinds == {"all", "none", "part"}


def test_a_cut_erase_leaves_any_mixture_in_its_sector_only() -> None:
    kinds = set()
    old = bytes(range(256)) * 16
    for seed in range(60):
        flash = Flash(sectors=3, seed=seed)
        flash.contents[:] = old * 3
        flash.cut_after = 0
        try:
            flash.erase(1)
            raise AssertionError("no cut")
        except PowerCut:
            flash.restore_power()
        found = content(flash, 4096, 4096)
        kinds.add("old" if found == old else "all" if found == b"\xff" * 4096 else "part")
        assert content(flash, 0, 4096) == old
        assert content(flash, 8192, 4096) == old
    assert kinds == {"old", "all", "part"}


def test_failures_are_os_errors_and_pass() -> None:
    flash = Flash(sectors=2)
    flash.fail_next(2)
    for _ in range(2):
        try:
            flash.erase(0)
            raise AssertionError("no failure")
        except OSError as error:
            assert error.args[0] == 5
    flash.erase(0)
    assert flash.erases[0] == 3


def test_the_seed_decides() -> None:
    """These figures hold on every interpreter."""
    flash = Flash(sectors=2, seed=7)
    assert [flash.random(1000) for _ in range(5)] == [469, 415, 288, 693, 80]
