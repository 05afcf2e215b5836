"""A phone that asks the application in this process; no socket, the desk's clock."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import Any

from starlette.applications import Starlette

from fleetd.api.application import make_application
from fleetd.core import passwords
from fleetd.store import account_rows
from tests.fleetd import asgi
from tests.fleetd.rig import NOW_S, Desk


@dataclass
class Reply:
    status: int
    headers: dict[str, str]
    raw: bytes

    @property
    def body(self) -> Any:
        return json.loads(self.raw)

    @property
    def error(self) -> tuple[int, str]:
        """What a refusal is known by."""
        return self.status, self.body["error"]


class Phone:
    """`token` is sent with every request."""

    def __init__(self, application: Starlette, token: str = "", address: str = "192.0.2.1") -> None:
        self.application = application
        self.token = token
        self.address = address

    def get(self, path: str) -> Reply:
        return self.ask("GET", path)

    def post(self, path: str, key: str = "", **body: Any) -> Reply:
        headers = {"idempotency-key": key} if key else {}
        return self.ask("POST", path, json.dumps(body).encode(), **headers)

    def ask(self, method: str, path: str, raw: bytes = b"", **more: str) -> Reply:
        headers = {"content-type": "application/json", "authorization": f"Bearer {self.token}"}
        headers |= {name.replace("_", "-"): value for name, value in more.items()}
        return asyncio.run(self._ask(method, path, raw, headers))

    async def _ask(self, method: str, path: str, raw: bytes, headers: dict[str, str]) -> Reply:
        client = (self.address, 50000)
        said = await asgi.ask(self.application, method, path, raw, headers, client=client)
        start = said[0]
        names = {name.decode(): value.decode() for name, value in start["headers"]}
        return Reply(start["status"], names, b"".join(part["body"] for part in said[1:]))


def application_of(desk: Desk) -> Starlette:
    return make_application(desk.fleet, desk.clock)


def phone_of(desk: Desk, account: str = "") -> Phone:
    """Logged in, with a password of the account's own, without the work of hashing."""
    account = account or desk.driver
    token = desk.random.randbytes(32).hex()
    with desk.db.transaction():
        desk.db.run("UPDATE account SET must_change = 0 WHERE id = ?", account)
        hashed = passwords.hash_secret(token.encode())
        account_rows.add_token(desk.db, hashed, account, NOW_S + 30 * 86400, int(desk.clock()))
    return Phone(application_of(desk), token)
