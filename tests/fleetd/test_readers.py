"""Whoever reads what a command writes may leave: no traceback, and no verdict that nobody gave."""

import io
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import TextIO

import pytest

from fleetd.arguments import DONE
from fleetd.host.command_line import main
from fleetd.readers import NOBODY_READS, NOT_WRITTEN, to_its_end, while_read
from tests.fleetd.ledger.journal_rig import SIGNER, exported, small_journal
from tests.fleetd.rig import Desk

Unread = Callable[[bool], TextIO]
EVENT = "050bc10e70010000000701"


def tells(text: str, code: int) -> Callable[[], int]:
    def work() -> int:
        print(text)
        return code

    return work


@pytest.fixture
def unread(monkeypatch: pytest.MonkeyPatch) -> Iterator[Unread]:
    """Standard output becomes a pipe that nobody reads; with a buffer or without one."""
    made = []

    def make(is_buffered: bool) -> TextIO:
        left, end = os.pipe()
        os.close(left)
        raw = io.FileIO(end, "wb")
        found = (
            io.TextIOWrapper(io.BufferedWriter(raw))
            if is_buffered
            else io.TextIOWrapper(raw, write_through=True)
        )
        made.append(found)
        monkeypatch.setattr("sys.stdout", found)
        return found

    yield make
    for found in made:
        with suppress(BrokenPipeError):
            found.close()


@pytest.fixture
def journals(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A whole one and one of which a line was taken."""
    monkeypatch.chdir(desk.path.parent)
    small_journal(desk)
    lines = exported(desk)
    Path("public.pem").write_text(SIGNER.verifier.pem())
    Path("good.jsonl").write_text("\n".join(lines) + "\n")
    Path("bad.jsonl").write_text("\n".join([*lines[:3], *lines[4:]]) + "\n")


@pytest.mark.usefixtures("journals")
@pytest.mark.parametrize("is_buffered", [True, False])
def test_a_verdict_is_that_of_the_work(unread: Unread, is_buffered: bool) -> None:
    kept = unread(is_buffered)
    for name, verdict in (("good", 0), ("bad", 1), ("missing", 2)):
        for more in ([], ["--json"]):
            words = ["journal", "verify", f"{name}.jsonl", "--key", "public.pem", *more]
            assert main(words) == verdict
            assert sys.stdout is kept
    for words in (
        ["status", "--db", "fleet.db"],
        ["alarm", "list", "--db", "fleet.db"],
        ["--help"],
    ):
        assert main(words) == DONE
    assert main(["status", "--db", "missing"]) == 2


@pytest.mark.parametrize("is_buffered", [True, False])
def test_what_is_all_telling_ends_with_its_reader(
    unread: Unread, tmp_path: Path, is_buffered: bool
) -> None:
    (tmp_path / "c").write_text(f"{EVENT}\n" * 9)
    unread(is_buffered)
    assert main(["decode", str(tmp_path / "c")]) == NOBODY_READS
    print("what is left goes nowhere", flush=True)
    unread(is_buffered)
    assert while_read(tells("a line", 1)) == NOBODY_READS
    unread(is_buffered)

    def help_is_asked_for() -> int:
        print("usage")
        raise SystemExit(0)

    assert while_read(help_is_asked_for) == NOBODY_READS


def test_another_pipe_is_not_taken_for_ours(capfd: pytest.CaptureFixture[str]) -> None:
    """Of a socket or a child it is the caller's to know."""

    def breaks() -> int:
        raise BrokenPipeError

    for listen in (to_its_end, while_read):
        with pytest.raises(BrokenPipeError):
            listen(breaks)
    assert while_read(lambda: 7) == to_its_end(lambda: 7) == 7
    assert to_its_end(tells("told", 0)) == 0
    assert capfd.readouterr().out == "told\n"


def test_all_of_it_is_told_to_whoever_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    left, end = os.pipe()
    with os.fdopen(left) as reads, os.fdopen(end, "w") as writes:
        monkeypatch.setattr("sys.stdout", writes)
        print("before")
        assert to_its_end(tells("told, 確か", 3)) == 3
        print("after", flush=True)
        writes.close()
        assert reads.read() == "before\ntold, 確か\nafter\n"


@pytest.mark.usefixtures("journals")
@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("fleetd", "journal", "verify", "bad.jsonl", "--key", "public.pem"), 1),
        (("simulator", "--help"), NOBODY_READS),
    ],
)
def test_no_traceback_at_the_end_of_the_process(words: tuple[str, ...], code: int) -> None:
    left, end = os.pipe()
    os.close(left)
    root = str(Path(__file__).parents[2])
    done = subprocess.run(
        [sys.executable, "-m", *words], stdout=end, stderr=subprocess.PIPE, check=False,
        env={**os.environ, "PYTHONPATH": root},
    )  # fmt: skip
    os.close(end)
    assert (done.returncode, done.stderr) == (code, b"")


@pytest.fixture(params=[True, False])
def full(request: pytest.FixtureRequest) -> Iterator[TextIO]:
    """A file on a full disk; with a buffer or without one."""
    raw = io.FileIO("/dev/full", "wb")
    with (
        io.TextIOWrapper(io.BufferedWriter(raw))
        if request.param
        else io.TextIOWrapper(raw, write_through=True)
    ) as found:
        yield found


@pytest.mark.usefixtures("journals")
@pytest.mark.parametrize(
    "words",
    [
        ("journal", "verify", "good.jsonl", "--key", "public.pem"),
        ("journal", "verify", "bad.jsonl", "--key", "public.pem", "--json"),
        ("decode", "captured"),
        ("status", "--db", "fleet.db"),
    ],
)
def test_no_verdict_where_none_can_be_written(
    full: TextIO,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: tuple[str, ...],
) -> None:
    """`> report.txt` on a full disk: 1 would say that something is wrong with the journal."""
    Path("captured").write_text(f"{EVENT}\n")
    monkeypatch.setattr("sys.stdout", full)
    assert main([*words]) == NOT_WRITTEN
    assert capsys.readouterr().err == (
        "the answer cannot be written: No space left on device; make room and ask again\n"
    )
    assert sys.stdout is full
    print("what is left goes nowhere", flush=True)


@pytest.mark.usefixtures("journals")
def test_without_an_output_there_is_an_exit_code(monkeypatch: pytest.MonkeyPatch) -> None:
    """`>&-`: as a service manager may start it."""
    Path("captured").write_text(f"{EVENT}\n")
    monkeypatch.setattr("sys.stdout", None)
    assert main(["decode", "captured"]) == DONE
    assert main(["journal", "verify", "bad.jsonl", "--key", "public.pem"]) == 1


def test_without_an_input_decode_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", None)
    assert main(["decode"]) == 2
    assert capsys.readouterr().err == "-: the standard input is closed; give a file\n"
