"""The drivers' log-ins at the daemon: made when they are needed, and made anew."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from simulator.desk.accounts import Driver
from simulator.desk.http_line import Answer, Ask, Job


class LogIns:
    """A token for each driver."""

    def __init__(self) -> None:
        self._tokens: dict[str, str] = {}

    def as_driver(self, who: Driver, ask: Ask) -> Job:
        """Log in where it is needed, once more when the token is none any longer."""

        def job(put: Callable[[Ask], Answer]) -> Answer:
            for _ in range(2):
                if who.ident not in self._tokens:
                    login = {"id": who.ident, "password": who.password}
                    answer = put(Ask("POST", "/v1/login", login))
                    if not answer.is_good:
                        return answer
                    self._tokens[who.ident] = str(answer.body["token"])
                answer = put(replace(ask, token=self._tokens[who.ident]))
                if answer.status != 401:
                    break
                del self._tokens[who.ident]
            return answer

        return job
