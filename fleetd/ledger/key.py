"""The key that signs checkpoints: a file beside the database, the daemon's own (Ed25519, PEM).

It is never in the database, so no copy of that has it: it is copied once, by itself, to where
the backups are not (docs/journal.md).
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from fleetd.store import ledger_rows
from fleetd.store.database import Database, DatabaseError

FILE_MODE = 0o600
_FILE_BYTES_MAX = 10_000
_ID_DIGITS = 16


class Verifier:
    """A public key."""

    def __init__(self, key: Ed25519PublicKey) -> None:
        self._key = key
        raw = key.public_bytes(Encoding.Raw, PublicFormat.Raw)
        #: The first 8 bytes of its SHA-256, in hex: what statements name it by.
        self.id = hashlib.sha256(raw).hexdigest()[:_ID_DIGITS]

    def holds(self, signature: bytes, signed: bytes) -> bool:
        try:
            self._key.verify(signature, signed)
        except InvalidSignature:
            return False
        return True

    def pem(self) -> str:
        return self._key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


class Signer:
    """A private key; nothing shows it."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key
        self.verifier = Verifier(key.public_key())

    def sign(self, text: bytes) -> bytes:
        return self._key.sign(text)


def path_of(database: Path) -> Path:
    """The same for every way to name the database."""
    real = database.resolve()
    return real.with_name(real.name + ".journal-key")


def make(database: Path) -> Signer:
    """A new key; DatabaseError when there is one already."""
    path = path_of(database)
    key = Ed25519PrivateKey.generate()
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    try:
        _write(path, pem, os.O_EXCL)
    except FileExistsError:
        raise DatabaseError(f"{path}: is there already; it is the key of a journal") from None
    except OSError as error:
        raise DatabaseError(f"{path}: cannot be written: {error.strerror}") from error
    return Signer(key)


def _write(path: Path, pem: bytes, how: int) -> None:
    """For the daemon's user alone, and on the disk when this returns."""
    handle = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_CLOEXEC | how, FILE_MODE)
    with os.fdopen(handle, "wb") as file:
        os.fchmod(handle, FILE_MODE)  # if it was there
        file.write(pem)
        file.flush()
        os.fsync(handle)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def renew(database: Path) -> tuple[Signer, Path | None]:
    """A new key in place of the one there may be; where the old one's public half is kept."""
    path = path_of(database)
    kept = None
    try:
        if os.path.lexists(path):
            try:
                old = public_half(database)
            except DatabaseError:
                pass  # no key: nothing of it is worth keeping
            else:
                kept = path.with_name(f"{path.name}.{old.id}.pem")
                _write(kept, old.pem().encode(), os.O_TRUNC | os.O_NOFOLLOW)
            path.unlink()
    except OSError as error:
        raise DatabaseError(f"{path}: cannot be replaced: {error.strerror}") from error
    return make(database), kept


def is_public_half(path: Path, database: Path) -> bool:
    """By its name: one that `renew` kept, which anybody may read."""
    name = re.escape(path_of(database).name)
    return re.fullmatch(rf"{name}\.[0-9a-f]{{{_ID_DIGITS}}}\.pem", path.name) is not None


def load(database: Path) -> Signer:
    """The key of this database; DatabaseError when it is not there, not ours alone, or no key."""
    path = path_of(database)
    key, status = _read(path)
    if status.st_uid != os.geteuid():
        raise DatabaseError(
            f"{path}: belongs to user {status.st_uid}, the daemon is {os.geteuid()};"
            f" run: chown {os.geteuid()} {path}"
        )
    mode = stat.S_IMODE(status.st_mode)
    if mode & 0o077:
        raise DatabaseError(
            f"{path}: others can read it (mode {mode:04o}); run: chmod 600 {path}, and make a new"
            " one if they may have: fleetd journal checkpoint-key --new"
        )
    return Signer(key)


def public_half(database: Path) -> Verifier:
    """To be shown: whose file it is does not matter. DatabaseError when there is no key."""
    key, _ = _read(path_of(database))
    return Verifier(key.public_key())


def _read(path: Path) -> tuple[Ed25519PrivateKey, os.stat_result]:
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise DatabaseError(f"{path}: cannot be read: {error.strerror}") from None
    try:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode):
            raise DatabaseError(f"{path}: is no file; put the journal's key there")
        pem = os.read(handle, _FILE_BYTES_MAX)
    finally:
        os.close(handle)
    try:
        key = load_pem_private_key(pem, None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        key = None
    if isinstance(key, Ed25519PrivateKey):
        return key, status
    raise DatabaseError(f"{path}: is no Ed25519 key in PEM; put it back from its copy")


def provide(database: Path, store: Database) -> Signer:
    """The key; made when nothing was ever signed without it. DatabaseError when it is lost."""
    path = path_of(database)
    if os.path.lexists(path):
        return load(database)
    if ledger_rows.newest_checkpoint(store) is None:
        return make(database)
    raise DatabaseError(
        f"{path}: the key that signs the journal is missing; put it back from its copy, or, if"
        f" that is lost, make a new one: fleetd journal checkpoint-key --db {database} --new"
    )


def load_public(path: Path) -> Verifier:
    """ValueError when there is no public key in the file."""
    try:
        pem = path.read_bytes()[:_FILE_BYTES_MAX]
    except OSError as error:
        raise ValueError(f"{path}: cannot be read: {error.strerror}") from None
    try:
        key = load_pem_public_key(pem)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        key = None
    if isinstance(key, Ed25519PublicKey):
        return Verifier(key)
    raise ValueError(
        f"{path}: is no public Ed25519 key in PEM; it comes from: fleetd journal checkpoint-key"
    )
