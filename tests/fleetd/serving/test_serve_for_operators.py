"""`serve` as operators run it: behind a proxy that ends TLS, with metrics, with secrets kept."""

import http.client
import re
import ssl
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from fleetd.host.command_line import main
from simulator.desk.ports import free_port
from tests.fleetd.daemon import PATIENCE_S, ROOT, Daemon
from tests.fleetd.mqtt.certificates import HOST, Authority
from tests.fleetd.rig import Desk

Headers = dict[str, str]


class Proxy:
    """Ends TLS and hands on what comes, as small as a proxy can be."""

    def __init__(self, folder: Path, behind: int) -> None:
        self.authority = Authority(folder)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*self.authority.issue())

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                told = dict(self.headers.items())
                told["X-Forwarded-Proto"] = "https"
                told["X-Forwarded-For"] = self.client_address[0]
                body = self.rfile.read(int(told.get("Content-Length", 0)))
                line = http.client.HTTPConnection("127.0.0.1", behind, timeout=PATIENCE_S)
                line.request(self.command, self.path, body, told)
                reply = line.getresponse()
                found = reply.read()
                self.send_response_only(reply.status)
                for name, value in reply.getheaders():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(found)
                line.close()

            do_POST = do_GET  # noqa: N815 - the library's name

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer((HOST, 0), Handler)
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.port = self.server.server_address[1]
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()

    def close(self) -> None:
        self.server.shutdown()
        self.thread.join(PATIENCE_S)
        self.server.server_close()

    def ask(self, method: str, path: str, form: Headers | None = None, **more: str) -> Any:
        """As a browser does: (status, headers, text)."""
        line = http.client.HTTPSConnection(
            HOST, self.port, timeout=PATIENCE_S, context=self.authority.client_context()
        )
        headers = {"Accept": "text/html", **{name.title(): text for name, text in more.items()}}
        if form is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        line.request(method, path, urlencode(form) if form else None, headers)
        reply = line.getresponse()
        try:
            return reply.status, reply.msg, reply.read().decode()
        finally:
            line.close()


@contextmanager
def running(folder: Path, *options: str) -> Iterator[Daemon]:
    daemon = Daemon(folder, *options)
    try:
        yield daemon
    finally:
        if daemon.process.poll() is None:
            daemon.kill()


def direct(daemon: Daemon, path: str, source: str = HOST, **headers: str) -> Any:
    line = http.client.HTTPConnection(
        HOST, daemon.http_port, timeout=PATIENCE_S, source_address=(source, 0)
    )
    line.request(
        "GET", path, headers={name.replace("_", "-"): text for name, text in headers.items()}
    )
    reply = line.getresponse()
    try:
        return reply.status, reply.msg, reply.read().decode()
    finally:
        line.close()


def test_forms_and_cookies_behind_a_proxy(tmp_path: Path) -> None:
    """The browser's origin is https; cookies go by TLS alone; a stranger's word does not count."""
    with running(tmp_path, "--behind-proxy") as daemon:
        proxy = Proxy(tmp_path, daemon.http_port)
        try:
            status, headers, page = proxy.ask("GET", "/login")
            assert status == 200
            cookie = headers["Set-Cookie"]
            assert cookie.startswith("__Host-visit=")
            assert "Secure" in cookie
            assert "Strict-Transport-Security" in headers
            token = re.findall(r'name="form" value="([0-9a-f]+)"', page)[0]
            form = {"id": daemon.driver, "password": daemon.first_password, "form": token}
            kept = cookie.partition(";")[0]
            own = f"https://{HOST}:{proxy.port}"
            assert (
                proxy.ask("POST", "/login", form, cookie=kept, origin="https://evil.test")[0] != 303
            )
            status, headers, _ = proxy.ask("POST", "/login", form, cookie=kept, origin=own)
            assert status == 303
            assert headers["Set-Cookie"].startswith("__Host-session=")
            assert "Secure" in headers["Set-Cookie"]

            assert direct(daemon, "/login")[0] == 421
            assert "X-Forwarded-Proto: https" in direct(daemon, "/v1/account")[2]
            forged = direct(daemon, "/login", source="127.0.0.2", X_Forwarded_Proto="https")
            assert forged[0] == 421
            assert direct(daemon, "/login", X_Forwarded_Proto="https")[0] == 200
        finally:
            proxy.close()
        assert daemon.stop() == 0
        assert daemon.log.read_text().count("without X-Forwarded-Proto") == 1


def test_without_that_option_a_proxys_word_is_nothing(tmp_path: Path) -> None:
    """And the figures are on a port of their own, not on that of phones."""
    place = f"127.0.0.1:{free_port()}"
    with running(tmp_path, "--metrics", place) as daemon:
        status, headers, _ = direct(daemon, "/login", X_Forwarded_Proto="https")
        assert status == 200
        assert headers["Set-Cookie"].startswith("visit=")
        assert daemon.told["metrics"] == f"http://{place}/metrics"
        line = http.client.HTTPConnection(place, timeout=PATIENCE_S)
        line.request("GET", "/metrics")
        assert b"\nfleetd_cars 1.0\n" in line.getresponse().read()
        line.request("GET", "/v1/account")
        assert line.getresponse().status == 404
        line.close()
        assert direct(daemon, "/metrics")[0] == 404
        assert daemon.stop() == 0


# What the daemon refuses to start with.

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(desk: Desk, capsys: pytest.CaptureFixture[str]) -> Run:
    desk.db.close()

    def call(*words: str) -> tuple[int, str, str]:
        exit_code = main(["serve", "--db", str(desk.path), *words])
        seen = capsys.readouterr()
        return exit_code, seen.out, seen.err

    return call


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644, 0o602])
def test_a_database_that_others_can_read(desk: Desk, run: Run, mode: int) -> None:
    desk.path.chmod(mode)
    sentence = (
        f"--db {desk.path}: holds secrets and others can read or write it (mode {mode:04o});"
        f" type: chmod 600 {desk.path}\n"
    )
    assert run() == (2, "", sentence)


@pytest.mark.parametrize("beside", ["-wal", ".replaced-20260401T000000Z", ".key"])
def test_what_lies_beside_it(desk: Desk, run: Run, beside: str) -> None:
    path = Path(f"{desk.path}{beside}")
    path.write_text("x")
    path.chmod(0o644)
    exit_code, _, err = run()
    assert (exit_code, err.startswith(f"--db {path}: holds secrets")) == (2, True)


@pytest.mark.parametrize(
    ("option", "more"),
    [
        ("--tls-key", ("--tls-cert", "c")),
        ("--broker-password-file", ("--broker", "127.0.0.1:1", "--broker-user", "u")),
        ("--broker-key", ("--broker", "127.0.0.1:1", "--broker-ca", "c", "--broker-cert", "c")),
    ],
)
def test_keys_and_passwords(tmp_path: Path, run: Run, option: str, more: tuple[str, ...]) -> None:
    path = tmp_path / "secret"
    path.write_text("a secret")
    path.chmod(0o640)
    exit_code, out, err = run(option, str(path), *more)
    assert (exit_code, out, err.count("\n")) == (2, "", 1)
    assert err.startswith(f"{option} {path}: holds secrets and others can read or write it")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--metrics", "0.0.0.0:9109"), "--metrics 0.0.0.0:9109: everybody could read it there"),
        (("--silent-after", "0"), "0 is no number of minutes from 1 to 43200"),
    ],
)
def test_wrong_usage(run: Run, words: tuple[str, ...], said: str) -> None:
    exit_code, _, err = run(*words)
    assert exit_code == 2
    assert said in err


def test_a_missing_database_is_wrong_usage_and_says_what_to_do(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "fleetd", "serve", "--db", str(tmp_path / "none.db")],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"{tmp_path}/none.db: there is no database; make one with: fleetd init\n"
