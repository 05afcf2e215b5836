"""What a technician at the unlocked console asks of the car (TECH-1 to TECH-4).

It goes the way of everything: an event into the controller, the table's rows, the journal, the
interlock. The right to it begins when the journal has it (`begin`), and ends with `end`, at its
time, or with a reset. Loaded when the first technician asks.
"""

from firmware.compat import unload
from firmware.judgement import judge_leaving, judge_technician_block, judge_technician_lock
from firmware.ticks import ticks_diff
from firmware.wire import codes
from firmware.wire.journal_format import NO_IDENT, pack_cause

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.rental import Rental
    from firmware.rental_machine import RentalMachine

    #: Everything that speaks against what was asked; empty: it is done.
    Told = tuple[tuple[int, int], ...]

_ASKS = "technician_asks"
#: What moves something, shows something, or changes who may use the car: event, least level.
_EVENTS = {
    codes.ACT_UNLOCK: (_ASKS, 1),
    codes.ACT_LOCK: (_ASKS, 1),
    codes.ACT_RELEASE: (_ASKS, 2),
    codes.ACT_BLOCK: (_ASKS, 2),
    codes.ACT_TEST: (_ASKS, 1),
    codes.ACT_MAINTENANCE_ON: ("maintenance_on_commanded", 1),
    codes.ACT_MAINTENANCE_OFF: ("maintenance_off_commanded", 1),
}
_IDENT_END = 1 + len(NO_IDENT)
#: Of `ask`, beside the actions: a wrong answer at the gate.
WRONG_ANSWER = 0


def begin(r: "Rental", ident: bytes, level: int, until_ms: int) -> None:
    """TECH-1: the console is unlocked, and the journal says so; `ident`: its nonce."""
    r.technician = ident
    r.technician_level = level
    r.technician_until_ms = until_ms


def end(r: "Rental") -> None:
    """Nobody is at the console any more."""
    begin(r, NO_IDENT, 0, 0)


def pack_asked(action: int, ident: bytes, argument: int = 0, more: bytes = b"") -> bytes:
    """The payload of TECHNICIAN_ASKED; `more` goes into the record alone."""
    return bytes((action,)) + ident + bytes((argument,)) + more


def ask(r: "Rental", machine: "RentalMachine", payload: bytes) -> "Told":
    """Do it, or refuse it; what speaks against it. Everything is recorded."""
    action, ident, argument = payload[0], payload[1:_IDENT_END], payload[_IDENT_END]
    request = r.request
    request.clear()
    request.cause = codes.BY_TECHNICIAN
    request.ident = ident
    request.action = action
    request.argument = argument
    if action == WRONG_ANSWER:
        request.service_reasons = [(codes.BAD_SIGNATURE, 0)]
        machine.actions.refuse_service()
    elif action in _EVENTS and not _may(r, ident, _EVENTS[action][1]):
        request.service_reasons = [(codes.EXPIRED, 0)]
        machine.actions.refuse_service()
    else:
        detail = pack_cause(request.cause, ident) + bytes((action,)) + payload[_IDENT_END:]
        r.record(codes.AUDIT_TECHNICIAN_ACTION, detail, 0)
        if action in _EVENTS:
            _dispatch(r, machine, action)
    told = tuple(request.told)
    request.clear()
    if action == codes.ACT_CLOSE:
        unload("firmware.technician")  # until the next technician comes
    return told


def _may(r: "Rental", ident: bytes, level: int) -> bool:
    """SAFE-2: who asks is the technician who unlocked the console, and his time is not over."""
    if ident == NO_IDENT or ident != r.technician or r.technician_level < level:
        return False
    return ticks_diff(r.technician_until_ms, r.snapshot.now_ms) > 0


def _dispatch(r: "Rental", machine: "RentalMachine", action: int) -> None:
    request = r.request
    if action == codes.ACT_UNLOCK:
        full = [(codes.JOURNAL_FULL, 0)]
        request.service_reasons = [] if r.snapshot.journal_has_room else full
    elif action == codes.ACT_LOCK:
        judge_technician_lock(request, r.snapshot)
    elif action == codes.ACT_RELEASE:
        # The engine is a technician's only while no driver can start.
        elsewhere = [(codes.NOT_IN_MAINTENANCE, 0)]
        request.service_reasons = [] if r.state == "maintenance" else elsewhere
    elif action == codes.ACT_BLOCK:
        judge_technician_block(request, r.snapshot)
    elif action == codes.ACT_MAINTENANCE_OFF:
        judge_leaving(request, r.snapshot)
    elif action == codes.ACT_TEST and request.argument >= codes.OUTS:
        request.service_reasons = [(codes.NOT_ALLOWED_IN_PROFILE, 0)]
    machine.dispatch(_EVENTS[action][0])
