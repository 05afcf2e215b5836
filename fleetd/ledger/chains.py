"""Follows the chains of a journal, event by event, and says where one does not hold."""

from __future__ import annotations

from collections.abc import Iterable

from fleetd.core import audit
from fleetd.core.ledger import Chain, Head, link
from fleetd.ledger.findings import Report


class _End:
    """Where a chain stands. More than one hash only after a break: whichever goes on is right."""

    __slots__ = ("events", "hashes", "is_broken", "line", "seq")

    def __init__(self, head: Head, line: int = 0) -> None:
        self.seq = head.seq
        self.events = head.events
        self.hashes = {head.hash}
        self.line = line
        #: Something was found since the last checkpoint, so that the number of events proves nothing.
        self.is_broken = False


class Chains:
    """`points` are hashes that signed statements of elsewhere name: (which one, hash) by number."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._ends: dict[Chain, _End] = {}
        self._began: dict[Chain, Head] = {}
        self.points: dict[Chain, dict[int, list[tuple[str, bytes]]]] = {}
        # The same of the chains whose events the file leaves out, and where those were signed last.
        self._left_out: dict[Chain, list[tuple[str, Head]]] = {}
        self._left_out_ends: dict[Chain, Head] = {}
        # Of the events since the last checkpoint:
        self._grown: dict[Chain, int] = {}
        self._last_place: tuple[str, int, int] = ("", 0, 0)
        self._misplaced: list[tuple[int, Chain, int]] = []

    def begin(self, heads: Iterable[tuple[Chain, Head]]) -> None:
        """Where the chains of a file stand that does not begin at the beginning."""
        self._began = dict(heads)
        self._ends = {chain: _End(head) for chain, head in self._began.items()}

    def take(self, line: int, chain: Chain, seq: int, body: bytes, digest: bytes) -> None:
        """The next event, with the hash that stands beside it."""
        end = self._ends.setdefault(chain, _End(Head()))
        self._grown[chain] = self._grown.get(chain, 0) + 1
        place = (*chain, seq)
        if seq <= end.seq:
            where = self._report.place(end.line)
            self._report.find(
                "out_of_place",
                f"stands here again, or too late: event {end.seq} was there already{where};"
                f" expected a number above {end.seq}",
                line, chain, seq,
            )  # fmt: skip
            end.is_broken = True
            if seq == end.seq:
                end.hashes.add(digest)
            return
        if place < self._last_place:
            self._misplaced.append((line, chain, seq))
        self._last_place = max(place, self._last_place)
        car = bytes.fromhex(chain[0])
        due = {link(before, car, chain[1], seq, body) for before in end.hashes}
        if digest in due:
            self._note_skip(chain, end.seq, seq, body)
            due = {digest}
        else:
            first_seq = seq - max(1, audit.parse_event(body).gap) + 1
            self._find_break(line, chain, (first_seq, seq), end, min(due))
            end.is_broken = True
        end.seq, end.line, end.hashes = seq, line, due | {digest}
        end.events += 1
        self._compare_points(line, chain, seq, end.hashes)

    def name(self, line: int, number: int, chain: Chain, head: Head) -> None:
        """A checkpoint says where the chain ends; from then on that is taken for true."""
        end = self._ends.setdefault(chain, _End(Head()))
        self._grown.pop(chain, None)
        what = ""
        if end.seq < head.seq:
            ends = f"this ends at {end.seq}{self._report.place(end.line)}"
            what = f"checkpoint {number} names event {head.seq}, {ends}"
        elif end.seq > head.seq:
            what = (
                f"checkpoint {number} names event {head.seq} as the last one,"
                f" {end.seq} stands before it{self._report.place(end.line)}"
            )
        elif head.hash not in end.hashes:
            what = (
                f"checkpoint {number} names hash {head.hash.hex()} of event {head.seq},"
                f" here it is {min(end.hashes).hex()}"
            )
        elif end.events != head.events and not end.is_broken:
            what = f"checkpoint {number} names {head.events} events, here are {end.events}"
        if what:
            self._report.find("not_as_signed", what, line, chain, head.seq)
            end.hashes.add(head.hash)
        else:
            end.hashes = {head.hash}
        end.seq, end.events, end.is_broken = max(end.seq, head.seq), head.events, False

    def close_block(self, line: int, number: int, *, is_next: bool) -> None:
        """After a checkpoint named its chains. `is_next`: none is missing before it."""
        if is_next:
            for chain, count in self._grown.items():
                self._report.find(
                    "not_signed",
                    f"checkpoint {number} does not name the journal, whose {count} events before"
                    f" it end at {self._ends[chain].seq}",
                    line, chain, self._ends[chain].seq,
                )  # fmt: skip
            self._tell_misplaced()
        self._grown.clear()
        self._misplaced.clear()
        self._last_place = ("", 0, 0)

    def finish(self) -> int:
        """At the end of the file; how many events no checkpoint names."""
        self._tell_misplaced()
        for chain, seqs in sorted(self.points.items()):
            for seq, names in sorted(seqs.items()):
                for which, _ in names:
                    stands = self._ends.get(chain, _End(Head()))
                    self._report.find(
                        "lost",
                        f"{which} names event {seq}, "
                        + (
                            f"this ends at {stands.seq}{self._report.place(stands.line)}"
                            if stands.seq < seq
                            else "which is not here"
                        ),
                        0, chain, seq,
                    )  # fmt: skip
        for chain, heads in sorted(self._left_out.items()):
            end = self._left_out_ends.get(chain, Head())
            for which, head in heads:
                text = f"{which} names event {head.seq}, the checkpoints here end at {end.seq}"
                self._report.find("lost", text, 0, chain, head.seq)
        return sum(self._grown.values())

    def know_point(self, which: str, chain: Chain, head: Head) -> None:
        """Called after `begin`: what was signed elsewhere must stand here."""
        began = self._began.get(chain)
        if began is not None and head.seq <= began.seq:
            if head.seq == began.seq and head.hash != began.hash:
                self._find_other(which, 1, chain, head.seq, head.hash, began.hash)
            return
        self.points.setdefault(chain, {}).setdefault(head.seq, []).append((which, head.hash))

    def know_point_left_out(self, which: str, chain: Chain, head: Head) -> None:
        """Likewise, of a chain whose events the file leaves out: its checkpoints name it, too."""
        self._left_out.setdefault(chain, []).append((which, head))
        self.pass_left_out(1, chain, self._began.get(chain, Head()))

    def pass_left_out(self, line: int, chain: Chain, end: Head) -> None:
        """A checkpoint says where such a chain ends."""
        self._left_out_ends[chain] = end
        waiting = []
        for which, head in self._left_out.get(chain, ()):
            if head.seq > end.seq:
                waiting.append((which, head))
            elif head.seq == end.seq and head.hash != end.hash:
                self._find_other(which, line, chain, head.seq, head.hash, end.hash)
        if chain in self._left_out:
            self._left_out[chain] = waiting

    def _compare_points(self, line: int, chain: Chain, seq: int, hashes: set[bytes]) -> None:
        for which, digest in self.points.get(chain, {}).pop(seq, []):
            if digest not in hashes:
                self._find_other(which, line, chain, seq, digest, min(hashes))

    def _find_other(
        self, which: str, line: int, chain: Chain, seq: int, due: bytes, found: bytes
    ) -> None:
        self._report.find(
            "not_as_signed",
            f"{which} names hash {due.hex()}, here it is {found.hex()}: this was altered, or"
            " written again after the database was restored",
            line, chain, seq,
        )  # fmt: skip

    def _note_skip(self, chain: Chain, before: int, seq: int, body: bytes) -> None:
        missing_from, missing_to = before + 1, seq - max(1, audit.parse_event(body).gap)
        if missing_from <= missing_to:
            self._report.notes.append(
                f"car {chain[0]}, journal {chain[1]:08x}: events {missing_from} to {missing_to}"
                " never came; the chain goes on without them"
            )

    def _find_break(
        self, line: int, chain: Chain, stands_for: tuple[int, int], end: _End, due: bytes
    ) -> None:
        """`stands_for`: a gap's own number is the last that it stands for."""
        first_seq, seq = stands_for
        missing = ""
        if first_seq > end.seq + 1:
            first, last = end.seq + 1, first_seq - 1
            missing = f"event {first} is missing, or "
            if first < last:
                missing = f"events {first} to {last} are missing, or "
        before = f"event {end.seq}{self._report.place(end.line)}" if end.seq else "the beginning"
        self._report.find(
            "broken",
            f"does not follow {before}: {missing}something here or there was altered;"
            f" expected hash {due.hex()}",
            line, chain, seq,
        )  # fmt: skip

    def _tell_misplaced(self) -> None:
        for line, chain, seq in self._misplaced:
            self._report.find(
                "out_of_place", "stands after events that come later in the order of the file",
                line, chain, seq,
            )  # fmt: skip
