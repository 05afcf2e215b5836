"""The simulator's side of `serve --clock`: tells the time, its rate, and jumps."""

from __future__ import annotations

import json
import socket
import threading
import time
from typing import Self


class ClockServer:
    """Tells each who connects the newest reading, and everybody each new one."""

    def __init__(self, simulated_s: float, rate: float, *, is_mute: bool = False) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._is_mute = is_mute
        self._lock = threading.Lock()
        self._lines: list[socket.socket] = []
        self._line = b""
        self.connected = threading.Semaphore(0)
        self.tell(simulated_s, rate)
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def tell(self, simulated_s: float, rate: float) -> None:
        clock = {"monotonic_s": time.monotonic(), "simulated_s": simulated_s, "rate": rate}
        self.told_monotonic_s = clock["monotonic_s"]
        with self._lock:
            self._line = b'{"event": "x"}\n' + json.dumps({"clock": clock}).encode() + b"\n"
            for line in self._lines:
                line.sendall(self._line)

    def heard(self) -> float:
        """The next reading that the newest connection confirms, by its `monotonic_s`."""
        with self._lock:
            line = self._lines[-1]
        line.settimeout(30)
        said = b""
        while not said.endswith(b"\n"):
            said += line.recv(1)
        return float(json.loads(said)["heard"])

    def cut(self) -> None:
        """End the connections; whoever comes anew is told again."""
        with self._lock:
            for line in self._lines:
                line.close()
            self._lines.clear()

    def close(self) -> None:
        # Closing alone would not wake the thread that accepts.
        self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join(30)
        self._listener.close()
        self.cut()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _accept(self) -> None:
        while True:
            try:
                line, _ = self._listener.accept()
            except OSError:
                return
            with self._lock:
                self._lines.append(line)
                if not self._is_mute:
                    line.sendall(self._line)
            self.connected.release()
