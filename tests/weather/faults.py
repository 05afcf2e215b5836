"""Faults to be planted: each is one small change of the program's text, while a `with` block runs.

`seed`: one that finds it in the short form (`python -m tests.weather` looks for others).
"""

from __future__ import annotations

import inspect
import sys
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from firmware import boot, cache, commands, inbox, journal, judgement, keyring, uplink
from firmware.wire import frames
from fleetd import car_keys, copies, ingest, pushes, transactions
from fleetd import commands as fleet_commands
from fleetd.core import audit, pace, sync
from fleetd.store import car_rows, log_rows
from simulator.weather import kinds


class Fault(NamedTuple):
    """`owner.name` is written anew with `new` where `old` stands."""

    name: str
    owner: Any
    function: str
    old: str
    new: str
    seed: int
    allowed: tuple[str, ...] = kinds.KINDS


@contextmanager
def planted(fault: Fault) -> Iterator[None]:
    """The program has that fault. ValueError when its text is not there any more."""
    before = inspect.getattr_static(fault.owner, fault.function)
    text = textwrap.dedent(inspect.getsource(before))
    if text.count(fault.old) != 1:
        raise ValueError(f"{fault.name}: {fault.old!r} is there {text.count(fault.old)} times")
    module = inspect.getmodule(before)
    assert module is not None
    scope: dict[str, Any] = {}
    code = compile(text.replace(fault.old, fault.new), f"planted: {fault.name}", "exec")
    exec(code, vars(module), scope)
    owners = [fault.owner]
    if inspect.ismodule(fault.owner):  # others have it by name
        owners = [one for one in list(sys.modules.values()) if _has(one, fault.function, before)]
    for owner in owners:
        setattr(owner, fault.function, scope[fault.function])
    try:
        yield
    finally:
        for owner in owners:
            setattr(owner, fault.function, before)


def _has(module: Any, name: str, value: Any) -> bool:
    is_ours = module.__name__.split(".")[0] in ("firmware", "fleetd")
    return is_ours and vars(module).get(name) is value


#: As runs were before keys were changed: the same seeds.
_WITHOUT_KEYS = tuple(kind for kind in kinds.KINDS if kind != kinds.KEY_CHANGE)

FAULTS = (
    # The car.
    Fault("the copy is told before it is durable", cache.Cache, "_append",
          "self._has_failed = not append(self.ring, kind, parts)",
          "late = getattr(self, 'late', None)\n    if late:\n        append(self.ring, *late)\n"
          "    self.late = (kind, parts)", 0),
    Fault("events are told before they are durable", journal.Journal, "commit",
          "if not self.append_turn(events, session, CONFIRM_BYTES):",
          "late = getattr(self, 'late', None)\n        self.late = (list(events), session)\n"
          "        if late and not self.append_turn(*late, CONFIRM_BYTES):", 0),
    Fault("a snapshot of an older generation is taken", cache.Cache, "take_chunk",
          "if (gen, rev) <= (self.gen, self.rev):", "if rev <= self.rev:", 1),
    Fault("any snapshot is taken", cache.Cache, "take_chunk",
          "if (gen, rev) <= (self.gen, self.rev):", "if hash8 == self.hash8:", 1),
    Fault("a snapshot is switched chunk by chunk", cache.Cache, "take_chunk",
          "if verdict == STAGED and self.stage.is_complete():",
          "if verdict == STAGED:\n            self.stage.chunks = chunk + 1\n"
          "            self.stage._present = (1 << (chunk + 1)) - 1", 0),
    Fault("no command is remembered", commands.Commands, "_answer_to",
          "if answer[:COMMAND_BYTES] == ident:", "if False:", 0),
    Fault("the counter of a command is not looked at", commands.Commands, "_is_acceptable",
          "if command.counter <= boot.counter:", "if False:", 33),
    Fault("the boot of a command is not looked at", commands.Commands, "_is_acceptable",
          "if command.boot != boot.ident:", "if False:", 1),
    Fault("the expiry of a command is not looked at", commands.Commands, "_is_acceptable",
          "if boot.uptime_s >= command.expires_s:", "if False:", 122, _WITHOUT_KEYS),
    Fault("a kept command acts, whatever it says", commands.Commands, "_is_acceptable",
          "boot = self._boot", "return True", 1),
    Fault("any frame renews the lease", inbox.Inbox, "_take",
          "if kind == kb1.DELTA:", "self._cache.confirm(snapshot.wall_s)\n    if kind == kb1.DELTA:",
          44, (kinds.SILENCE,)),
    Fault("the lease never ends", judgement, "judge_card_start",
          "elif not snapshot.lease_holds:", "elif False:", 44, (kinds.SILENCE,)),
    Fault("numbers of events are used again after a reset", journal.Journal, "open",
          "self._opened = self._open()",
          "self._opened = self._open()\n        self.next_seq = self.acked_seq + 1", 1),
    Fault("an acknowledgement of another journal is taken", inbox.Inbox, "_take",
          "if journal == self._journal.instance:", "if True:", 41),
    Fault("events are freed when they are sent", uplink.Uplink, "_send_events",
          "self._sent_at_ms = now_ms",
          "self._sent_at_ms = now_ms\n        journal.acknowledge(first_seq + len(events) - 1)", 0),
    Fault("tags are not compared", frames, "open_frame",
          "if equal_constant_time(hmac_sha256(key, car, message)[:TAG_BYTES], tag):", "if True:", 29,
          (kinds.ALTERED, kinds.READDRESSED)),
    Fault("a command of an earlier boot is called refused", commands.Commands, "_is_acceptable",
          "self._r.turn.wants_hello = True",
          "self._r.answer(command.command, False, [(codes.EXPIRED, 0)])", 11,
          (kinds.POWER_CUT, kinds.FITTED, kinds.LOST, kinds.FLASH_CUT)),
    Fault("any TIME is an answer", boot.Boot, "number_of",
          "return 0", "return self.asked", 8, (kinds.REPLAYED, kinds.CUT)),
    Fault("a clock that is not trusted chooses bookings", judgement, "judge_card_start",
          "if not snapshot.wall_is_trusted:", "if False:", 22,
          (kinds.CLOCK_LOST, kinds.BLACKOUT)),
    # The daemon.
    Fault("frames leave before the commit", transactions.Transactions, "_turn",
          "for car in sorted(turn.changed):\n            pushes.want_push(turn, car)",
          "for car in sorted(turn.changed):\n            pushes.want_push(turn, car)\n"
          "        for car, frame in turn.outgoing:\n            self._send(car, frame)\n"
          "        turn.outgoing.clear()", 0),
    Fault("what is not there yet is acknowledged", ingest, "hear_events",
          "pack_eack(journal, intake.seq)", "pack_eack(journal, first_seq + len(bodies) - 1)", 1),
    Fault("an event behind a hole is taken", audit, "take_in",
          "if number - (gap or 1) > seq:", "if False:", 1),
    Fault("the generation stays after a restore", pushes, "_fork",
          "gen = max(car.gen, point.gen) + 1", "gen = max(car.gen, 1)", 1),
    Fault("a fork is taken for an old copy", sync, "judge",
          "return FORKED if car.gen > own.gen else UNKNOWN", "return UNKNOWN", 1),
    Fault("changes are sent in the wrong order", log_rows, "operations_after",
          "ORDER BY rev", "ORDER BY rev DESC", 0),
    Fault("pushes have no pace", pace.Pace, "is_due",
          "return now_s >= self.due_s", "return True or now_s >= self.due_s", 1),
    Fault("a command goes to any boot again", fleet_commands, "_may_send",
          "return is_told and not event_rows.names_command(", "return True or is_told and not event_rows.names_command(", 15,
          _WITHOUT_KEYS),
    Fault("an unanswered command is shown as refused", fleet_commands, "expire",
          "command_rows.end(turn.db, command.id, command_rows.UNKNOWN, turn.now_s, [], [])",
          "command_rows.end(turn.db, command.id, command_rows.REFUSED, turn.now_s, [], [])", 11),
    Fault("what another process changed is not pushed", pushes, "push_all",
          "if not link.pace.is_wanted():", "if False:", 4, (kinds.DAEMON_STOP,)),
    Fault("a new card leaves the old one in the cars", copies, "refresh_of_driver",
          "refresh_all(turn)\n        return", "return", 4, ()),
    # The keys.
    Fault("the first key opens everything at any time", keyring.Keyring, "open",
          "if self.unheard <= UNHEARD_MAX or opened[0] not in (SNAP, DELTA):",
          "if False:", 126),
    Fault("the key before opens for the whole boot", keyring.Keyring, "open",
          'self._before = b""', "pass", 37),
    Fault("a car never tries its first key", keyring.Keyring, "hello_key",
          "self.unheard > UNHEARD_MAX and not self._used_first", "False", 14),
    Fault("a car with a new key signs with the old one until it starts anew", keyring.Keyring,
          "follow", "self.up = frames.direction_key(key, frames.UP)",
          "self.up = frames.direction_key(key if is_start else self._before or key, frames.UP)", 0),
    Fault("a key is changed while another change runs", car_keys, "rotate",
          "if car.slot_key is not None and car.key_heard_s is None:", "if False:", 2),
    Fault("the key before is forgotten when a new one is made", car_keys, "rotate",
          "turn.entropy(KEY_BYTES), car.slot_key)", "turn.entropy(KEY_BYTES), None)", 0),
    Fault("anything is heard under a key that was given up", car_keys, "open_frame",
          "if slot not in (car.key_slot, NEWEST) and opened[0] != kb1.HELLO:", "if False:", 8),
    Fault("the key before is kept for ever", car_rows, "note_key_slot",
          "former_key = iif(?1 = 1, NULL, former_key)", "former_key = former_key", 0),
    Fault("a new key is not sent before something else changes", car_keys, "rotate",
          "copies.refresh(turn, car_id)", "pass", 0),
    Fault("the record of changes tells the key", car_keys, "rotate",
          'f"number {number}"', 'f"number {number} {car_rows.find(turn.db, car_id).slot_key.hex()}"', 0),
)  # fmt: skip

#: Not found in 400 seeds of the short form; docs/simulation.md says why.
BLIND = (
    Fault("a snapshot of the car's own revision is taken", cache.Cache, "take_chunk",
          "if (gen, rev) <= (self.gen, self.rev):", "if (gen, rev) < (self.gen, self.rev):", 1),
    Fault("the hash of a change is not compared", cache.Cache, "judge",
          "if own != hash8:", "if False:", 1),
)  # fmt: skip
