"""One request to an application in this process, as a server would hand it on."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any

from starlette.applications import Starlette


async def ask(
    application: Starlette,
    method: str,
    place: str,
    raw: bytes,
    headers: dict[str, str],
    **more: Any,
) -> list[MutableMapping[str, Any]]:
    """What it says: the start of the answer, then parts of the body. `more`: of the scope."""
    path, _, query = place.partition("?")
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method,
        "scheme": "http", "path": path, "raw_path": path.encode(), "root_path": "",
        "query_string": query.encode(), "server": ("127.0.0.1", 8080),
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    } | more  # fmt: skip
    said: list[MutableMapping[str, Any]] = []

    async def receive() -> MutableMapping[str, Any]:
        return {"type": "http.request", "body": raw, "more_body": False}

    async def send(message: MutableMapping[str, Any]) -> None:
        said.append(message)

    try:
        await application(scope, receive, send)
    except Exception:  # noqa: BLE001 - a server would log it; the answer is what counts here
        assert said, "an exception and no answer"
    return said
