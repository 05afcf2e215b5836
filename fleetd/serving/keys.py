"""The keys and passwords that `serve` is given, read once at its start."""

from __future__ import annotations

import argparse
import ssl

from fleetd.mqtt.broker_link import Account
from fleetd.mqtt.tls import server_context


class CannotServe(Exception):  # noqa: N818 - an answer to the operator
    """The text says what stands in the way and what to do."""

    def __init__(self, text: str, *, may_pass: bool = False) -> None:
        super().__init__(text)
        #: A later start may find it gone, without anybody's doing.
        self.may_pass = may_pass


def server_tls(arguments: argparse.Namespace) -> ssl.SSLContext | None:
    if arguments.tls_cert is None:
        return None
    try:
        return server_context(arguments.tls_cert, arguments.tls_key)
    except OSError as error:  # ssl.SSLError is one
        reason = getattr(error, "reason", None) or error.strerror
        raise CannotServe(
            f"--tls-cert {arguments.tls_cert}, --tls-key {arguments.tls_key}:"
            f" cannot be used ({reason}); give PEM files that belong together"
        ) from None


def broker_account(arguments: argparse.Namespace) -> Account:
    place, password = arguments.broker, ""
    if arguments.broker_password_file is not None:
        try:
            text = arguments.broker_password_file.read_text(encoding="utf-8")
        except (OSError, UnicodeError) as error:
            reason = getattr(error, "strerror", None) or "no text"
            raise CannotServe(
                f"--broker-password-file {arguments.broker_password_file}: {reason}"
            ) from None
        password = text.removesuffix("\n").removesuffix("\r")
    return Account(
        place.host, place.port, arguments.broker_user or "", password, _broker_tls(arguments)
    )


def _broker_tls(arguments: argparse.Namespace) -> ssl.SSLContext | None:
    if arguments.broker_ca is None:
        return None
    try:
        context = ssl.create_default_context(cafile=arguments.broker_ca)
        if arguments.broker_cert is not None:
            context.load_cert_chain(arguments.broker_cert, arguments.broker_key)
    except OSError as error:  # ssl.SSLError is one
        reason = getattr(error, "reason", None) or error.strerror
        raise CannotServe(
            f"--broker-ca, --broker-cert, --broker-key: cannot be used ({reason}); give PEM files"
        ) from None
    return context
