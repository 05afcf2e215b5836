"""A real Mosquitto with the sample configuration that we give to others."""

from __future__ import annotations

import getpass
import subprocess
import threading
from collections.abc import Mapping
from pathlib import Path

from simulator.desk.ports import free_port
from tests.fleetd.mqtt.certificates import HOST, Authority
from tests.fleetd.mqtt.rig import PATIENCE_S
from tools import tree

DEPLOY = tree.ROOT / "fleetd" / "deploy"
INSTALLED = "/etc/mosquitto/fleet/"
DAEMON = "fleetd"


class Mosquitto:
    """A broker of its own for a test. It may be killed and started again on the same port."""

    def __init__(self, folder: Path, passwords: Mapping[str, str]) -> None:
        self.authority = Authority(folder)
        self.authority.issue()
        self.port = free_port()
        #: For cars with a key instead of a certificate.
        self.key_port = free_port()
        self._configuration = _configure(folder, (self.port, self.key_port), passwords)
        self._process: subprocess.Popen[bytes] | None = None
        self._reader: threading.Thread | None = None

    def start(self) -> None:
        """Returns when it takes connections."""
        process = self._process = subprocess.Popen(
            ["mosquitto", "-v", "-c", self._configuration],
            stderr=subprocess.PIPE,
            env={"PATH": "/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin"},
        )
        assert process.stderr is not None
        said = b""
        while b" running" not in said:
            said += (line := process.stderr.readline())
            assert line, f"mosquitto did not start: {said.decode()}"
        # Its log must not fill the pipe; nobody reads it.
        self._reader = threading.Thread(target=process.stderr.read, daemon=True)
        self._reader.start()

    def bound_connections(self, most: int) -> None:
        """Before it is started: that many of cars, and the daemon's."""
        text = self._configuration.read_text(encoding="utf-8")
        line = "\nmax_connections 10000\n"
        assert line in text
        changed = text.replace(line, f"\nmax_connections {most + 1}\n", 1)
        self._configuration.write_text(changed, encoding="utf-8")

    def memory_bytes(self) -> int:
        """What the process holds in memory."""
        assert self._process is not None
        status = Path(f"/proc/{self._process.pid}/status").read_text(encoding="ascii")
        line = next(line for line in status.splitlines() if line.startswith("VmRSS:"))
        return int(line.split()[1]) * 1024

    def kill(self) -> None:
        """No goodbye."""
        if self._process is not None:
            self._process.kill()
        self.stop()

    def stop(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.terminate()
        process.wait(PATIENCE_S)
        if self._reader is not None:
            self._reader.join(PATIENCE_S)
        if process.stderr is not None:
            process.stderr.close()


def _configure(folder: Path, ports: tuple[int, int], passwords: Mapping[str, str]) -> Path:
    """The sample files, with this test's folder and ports. Its keys are there, or there are none."""
    text = (DEPLOY / "mosquitto.conf").read_text(encoding="utf-8")
    for sample, port in zip((8883, 8884), ports, strict=True):
        assert text.count(f"\nlistener {sample}\n") == 1
        text = text.replace(f"\nlistener {sample}\n", f"\nlistener {port} {HOST}\n")
    configuration = folder / "mosquitto.conf"
    # Started by root it would become another user, who may not read this folder.
    configuration.write_text(
        f"user {getpass.getuser()}\n" + text.replace(INSTALLED, f"{folder}/"), encoding="utf-8"
    )
    acl = folder / "mosquitto.acl"
    acl.write_text((DEPLOY / "mosquitto.acl").read_text(encoding="utf-8"), encoding="utf-8")
    acl.chmod(0o600)
    (folder / "keys").touch(mode=0o600)
    kept = folder / "passwords"
    kept.touch(mode=0o600)
    for user, password in passwords.items():
        subprocess.run(
            ["mosquitto_passwd", "-b", kept, user, password], check=True, capture_output=True
        )
    return configuration
