"""Log-in, the change of a password, log-out."""

from __future__ import annotations

from fleetd.api.answers import Answer
from fleetd.api.calls import ACCOUNT, DRIVER_ID_CHARACTERS, NOBODY, TOKEN, Asked, Call
from fleetd.api.fields import Text
from fleetd.core import passwords
from fleetd.core.refused import Refused

_PASSWORD = Text("the password", passwords.PASSWORD_CHARACTERS_MAX, is_secret=True)
#: More than may be taken, so that it is the fleet that says what is too long.
_NEW = Text("the new password, 6 to 200 characters", 1000, is_secret=True)


def log_in(asked: Asked) -> Answer:
    ident, password = asked.body["id"], asked.body["password"]
    asked.attempts.check(ident, asked.address)
    try:
        token = asked.fleet.login(ident, password)
    except Refused as refused:
        if refused.code == "wrong_login":
            asked.attempts.note(ident, asked.address, is_right=False)
        raise
    asked.attempts.note(ident, asked.address, is_right=True)
    return _logged_in(asked, token)


def change_password(asked: Asked) -> Answer:
    """A wrong old password counts as a wrong log-in."""
    who_tries = passwords.hash_secret(asked.token.encode()).hex()
    asked.attempts.check(who_tries, asked.address)
    try:
        token = asked.fleet.change_password(asked.token, asked.body["old"], asked.body["new"])
    except Refused as refused:
        if refused.code == "wrong_login":
            asked.attempts.note(who_tries, asked.address, is_right=False)
        raise
    asked.attempts.note(who_tries, asked.address, is_right=True)
    return _logged_in(asked, token)


def log_out(asked: Asked) -> Answer:
    asked.fleet.logout(asked.token)
    return Answer(204, None)


def who(asked: Asked) -> Answer:
    return Answer(200, {"id": asked.account, "kind": "driver" if asked.is_driver else "member"})


def _logged_in(asked: Asked, token: str) -> Answer:
    try:
        asked.fleet.account_of(token)
    except Refused as refused:
        if refused.code != "password_must_change":
            raise
        return Answer(200, {"token": token, "must_change_password": True})
    return Answer(200, {"token": token, "must_change_password": False})


CALLS = (
    Call(
        "POST", "/v1/login", log_in, "Log in; a token for seven days", "Login", needs=NOBODY,
        body={"id": Text("a driver's or a member's ID", DRIVER_ID_CHARACTERS), "password": _PASSWORD},
        codes=("wrong_login", "too_many_tries", "overloaded"),
    ),
    Call(
        "POST", "/v1/password", change_password,
        "Change the password, first of all the first one; a new token, all others end", "Login",
        needs=TOKEN, body={"old": _PASSWORD, "new": _NEW},
        codes=("wrong_login", "too_many_tries", "overloaded", "password_too_short",
               "password_too_long", "password_unchanged"),
    ),
    Call("POST", "/v1/logout", log_out, "End this token", "", needs=TOKEN, status=204),
    Call("GET", "/v1/account", who, "Whose token this is", "Account", needs=ACCOUNT),
)  # fmt: skip
