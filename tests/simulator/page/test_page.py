"""The page's server: what it tells browsers, whom it refuses, what bad input is answered with."""

import json
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from simulator.desk.accounts import Accounts, Driver
from simulator.page.application import STATIC
from simulator.page.feed_line import BROWSERS_MAX
from tests.simulator.page.page_rig import PATIENCE_S, Events, PageRig
from tools import tree


@pytest.fixture(name="rig", scope="module")
def page_rig() -> Iterator[PageRig]:
    rig = PageRig()
    events = rig.events()
    events.until("car")  # the feed has been heard
    events.close()
    yield rig
    rig.close()


@pytest.fixture(name="own_rig")
def own_page_rig() -> Iterator[PageRig]:
    rig = PageRig()
    yield rig
    rig.close()


def test_it_says_that_it_is_for_this_machine_only(rig: PageRig) -> None:
    assert rig.said == f"The desk page, for this machine only: http://127.0.0.1:{rig.port}\n"
    listening = Path("/proc/net/tcp").read_text()
    assert f" 0100007F:{rig.port:04X} 00000000:0000 0A " in listening
    assert f" 00000000:{rig.port:04X} 00000000:0000 0A " not in listening


def test_the_page_and_all_that_it_needs(rig: PageRig) -> None:
    for path in STATIC.iterdir():
        address = "/" if path.name == "desk.html" else f"/{path.name}"
        status, text, headers = rig.call("GET", address)
        assert (status, text) == (200, path.read_text(encoding="utf-8"))
        assert headers["X-Content-Type-Options"] == "nosniff"
        policy = headers["Content-Security-Policy"]
        assert "script-src 'self';" in policy
        assert "unsafe" not in policy


def test_the_page_is_small_and_has_no_script_or_style_in_its_text() -> None:
    assert sum(path.stat().st_size for path in STATIC.iterdir()) < 150_000
    text = (STATIC / "desk.html").read_text(encoding="utf-8")
    assert "style=" not in text
    assert " on" + "click" not in text
    assert text.count("<script") == text.count('<script type="module" src=')
    assert "http" not in text.replace("http-equiv", "")


def test_who_joins_is_told_all_that_matters(rig: PageRig) -> None:
    events = rig.events()
    assert events.answer.headers["Content-Type"].startswith("text/event-stream")
    events.until("hello")
    assert events.until("feed") == {"is_there": True}
    assert events.until("clock") == {"simulated_s": 1000.0, "rate": 0.0}
    assert events.until("story") == {"title": "A"}
    assert events.until("car") == {"state": "vacant"}
    assert events.until("told")["text"] == "Good morning."
    rig.tell({"car": {"state": "unlocked"}})
    assert events.until("car") == {"state": "unlocked"}
    rig.tell({"car": {"state": "vacant"}})
    events.close()


def test_a_request_reaches_the_car_and_is_answered(rig: PageRig) -> None:
    assert rig.ask({"do": "open driver"}) == (200, {"ok": True})
    assert rig.asked[-1] == {"do": "open driver"}
    # An id is the page's own business.
    assert rig.ask({"do": "open trunk", "id": "x"}) == (200, {"ok": True})
    assert rig.ask({"no": 1}) == (400, {"error": "that cannot be done"})


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1", "127.0.0.1:1", "localhost.evil:80"])
@pytest.mark.parametrize(("method", "path"), [("GET", "/"), ("GET", "/events"), ("POST", "/ask")])
def test_another_name_for_this_machine_is_refused(
    rig: PageRig, host: str, method: str, path: str
) -> None:
    """A stranger's name may be made to point here (DNS rebinding)."""
    before = len(rig.asked)
    status, text, _ = rig.call(method, path, "{}", host=host, origin=f"http://{host}")
    assert status == 421
    assert f"127.0.0.1:{rig.port}" in text
    assert len(rig.asked) == before


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "", "http://127.0.0.1:1"])
@pytest.mark.parametrize("path", ["/ask", "/begin"])
def test_another_page_may_not_ask(rig: PageRig, origin: str, path: str) -> None:
    before = len(rig.asked)
    status, text, _ = rig.call("POST", path, '{"do": "open driver"}', origin=origin)
    assert (status, text) == (403, "Only the desk page itself may ask the car to do things.\n")
    assert len(rig.asked) == before


def test_localhost_is_this_machine_too(rig: PageRig) -> None:
    name = f"localhost:{rig.port}"
    status, _, _ = rig.call("POST", "/ask", '{"pause": true}', host=name, origin=f"http://{name}")
    assert status == 200
    status, _, _ = rig.call("POST", "/ask", '{"pause": true}', host=name)
    assert status == 403  # two names are two origins


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        ("", 400, "JSON object"),
        ("{", 400, "JSON object"),
        ("[]", 400, "JSON object"),
        ("null", 400, "JSON object"),
        (b"\xff\xfe", 400, "JSON object"),
        ('{"rate": NaN}', 400, "JSON object"),
        ('{"say": "\\ud800"}', 200, ""),
        ("[" * 2000, 400, "JSON object"),
        ('{"say": "' + "x" * 3000 + '"}', 413, "bytes at the most"),
    ],
)
def test_a_body_that_is_no_request(rig: PageRig, body: str | bytes, status: int, said: str) -> None:
    found, text, _ = rig.call("POST", "/ask", body)
    assert found == status
    answer = json.loads(text)
    assert said in answer.get("error", "")


def test_other_wrongs_are_sentences(rig: PageRig) -> None:
    status, text, _ = rig.call("POST", "/ask", "{}", content_type="text/plain")
    assert (status, json.loads(text)["error"][:17]) == (415, "A request is JSON")
    for method, path, wanted in (("GET", "/no", 404), ("GET", "/ask", 405), ("DELETE", "/", 405)):
        status, text, _ = rig.call(method, path)
        assert status == wanted
        assert text.endswith(".\n" if wanted == 405 else "at /.\n")
    status, text, _ = rig.call("GET", "/../../../etc/passwd")
    assert status == 404


def test_what_is_no_http_is_let_go(rig: PageRig) -> None:
    with socket.create_connection(("127.0.0.1", rig.port), PATIENCE_S) as line:
        line.sendall(b"\x16\x03\x01\x00\r\n\r\n")
        assert line.recv(4096).startswith(b"HTTP/1.1 400 ")
    assert rig.ask({"pause": False}) == (200, {"ok": True})


def test_so_many_browsers_and_no_more(own_rig: PageRig) -> None:
    lines: list[Events] = []
    for _ in range(BROWSERS_MAX):
        lines.append(own_rig.events())
        lines[-1].until("feed")
    status, text, _ = own_rig.call("GET", "/events")
    assert (status, json.loads(text)["error"][:8]) == (503, "16 pages")
    for line in lines:
        line.close()


def test_a_feed_that_goes_and_comes_back(own_rig: PageRig) -> None:
    events = own_rig.events()
    while not events.until("feed")["is_there"]:
        pass
    own_rig.end_feed()
    assert events.until("feed") == {"is_there": False}
    status, answer = own_rig.ask({"do": "open driver"})
    assert status == 503
    assert "comes back by itself" in answer["error"]
    own_rig.begin_feed()
    assert events.until("feed") == {"is_there": True}
    assert own_rig.ask({"do": "open driver"}) == (200, {"ok": True})
    # What was told before is not told again.
    own_rig.tell({"told": {"n": 2, "at": "09:51:00", "kind": "said", "text": "Again."}})
    assert events.until("told")["text"] == "Again."
    events.close()


def test_started_by_itself_it_begins_nothing_anew(rig: PageRig) -> None:
    status, answer = rig.ask({}, "/begin")
    assert status == 409
    assert "make run" in answer["error"]
    assert json.loads(rig.call("GET", "/people")[1]) == {}


def test_it_ends_when_it_is_told_to_also_with_browsers(own_rig: PageRig) -> None:
    events = own_rig.events()
    events.until("hello")
    own_rig.process.send_signal(signal.SIGTERM)
    assert own_rig.process.wait(PATIENCE_S) == 0
    assert own_rig.process.stderr is not None
    assert own_rig.process.stderr.read() == ""
    events.close()


def test_with_a_launcher_it_tells_wishes_and_people(tmp_path: Path) -> None:
    demo = Driver("XXY00001001", "KAG00001001", "a-b-c", "0101060112AB34CD")
    Accounts("4b4700000001", "XXY00001001", (demo,)).keep(tmp_path)
    rig = PageRig("--json", "--state", str(tmp_path), "--phones", "http://127.0.0.1:1")
    assert json.loads(rig.said) == {"page": f"http://127.0.0.1:{rig.port}"}
    people = json.loads(rig.call("GET", "/people")[1])
    assert people == {
        "phones": "http://127.0.0.1:1",
        "name": "XXY00001001",
        "driver": "KAG00001001",
        "password": "a-b-c",
    }
    choices = json.loads(rig.call("GET", "/choices")[1])
    assert choices["can_begin"]
    wish = {
        "story": choices["stories"][1]["file"],
        "profile": "top24-2018",
        "vm": "cpython",
        "hold": True,
    }
    assert rig.ask(wish, "/begin") == (202, {"ok": True})
    assert rig.process.stdout is not None
    told = json.loads(rig.process.stdout.readline())["begin"]
    assert told.pop("scenario").endswith("tests/scenarios/rental-day.yaml")
    assert told == {"profile": "top24-2018", "vm": "cpython", "hold": True}
    (tmp_path / "accounts.json").write_text("no")
    status, text, _ = rig.call("GET", "/people")
    assert status == 503
    assert "it is no JSON" in json.loads(text)["error"]
    rig.close()


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ((), 2, "--feed"),
        (("--feed", "7070"), 2, "is no address"),
        (("--feed", "127.0.0.1:1", "--port", "x"), 2, "is no port"),
    ],
)
def test_arguments_that_are_wrong(arguments: tuple[str, ...], code: int, said: str) -> None:
    done = run(*arguments)
    assert done.returncode == code
    assert said in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_port_in_use_is_one_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = run("--feed", "127.0.0.1:1", "--port", port)
    assert done.returncode == 1
    assert done.stderr == f"--port {port}: cannot be had: Address already in use\n"


def test_help_has_an_example() -> None:
    assert "python -m simulator desk --feed" in run("--help").stdout.partition("example:")[2]


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "simulator", "desk", *arguments],
        cwd=tree.ROOT, capture_output=True, text=True, check=False, timeout=PATIENCE_S,
    )  # fmt: skip
