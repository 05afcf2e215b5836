"""What one step wants: records, pulses, levels, answers. One object, reused; an idle turn allocates nothing."""

from firmware.ticks import FAR_MS
from firmware.wire.codes import BY_NOBODY, LAMP_DARK, OUTS, PULSES


class Turn:
    """Records come first: what they say is durable before any pulse goes out."""

    def __init__(self) -> None:
        self.records: "list[bytes]" = []
        self.session_changed = False
        self.results: "list[bytes]" = []  # bodies of RESULT
        self.asks = False  # a card waits for the centre's answer
        self.wants_hello = False  # the centre seems not to know where the car stands
        self.pulse_cause = bytearray(PULSES)  # BY_NOBODY: no such pulse wanted
        self.pulse_ident = [b""] * PULSES
        self.pulse_not_after_ms = [0] * PULSES
        self.levels = bytearray(OUTS)
        self.lamp = LAMP_DARK
        self.next_due_ms = FAR_MS  # from now

    def clear(self) -> None:
        """Empty it for the next step."""
        if self.records:
            self.records.clear()
        if self.results:
            self.results.clear()
        self.asks = False
        self.wants_hello = False
        self.session_changed = False
        for i in range(PULSES):
            self.pulse_cause[i] = BY_NOBODY
        for i in range(OUTS):
            self.levels[i] = 0
        self.lamp = LAMP_DARK
        self.next_due_ms = FAR_MS

    def record(self, event: bytes) -> None:
        """An audit event of this turn."""
        self.records.append(event)
        self.session_changed = True

    def pulse(self, line: int, cause: int, ident: bytes, not_after_ms: int) -> None:
        """Want one pulse on a line, with the authorisation that it rests on (SAFE-2).

        What was decided last goes out, as the state says it: the opposite one is not wanted any more.
        """
        self.pulse_cause[line] = cause
        self.pulse_cause[line ^ 1] = BY_NOBODY
        self.pulse_ident[line] = ident
        self.pulse_not_after_ms[line] = not_after_ms

    def due_in(self, delay_ms: int) -> None:
        """The next turn is needed no later than in `delay_ms`."""
        if delay_ms < self.next_due_ms:
            self.next_due_ms = delay_ms if delay_ms > 0 else 0
