"""The key that signs: made once, the daemon's alone, never shown."""

import argparse
import os
import stat
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from fleetd.ledger import key as ledger_key
from fleetd.serving import secret_files
from fleetd.store.database import DatabaseError
from tests.fleetd.ledger.journal_rig import SIGNER, checkpoint
from tests.fleetd.rig import Desk


def refusal(database: Path) -> str:
    with pytest.raises(DatabaseError) as caught:
        ledger_key.load(database)
    text = str(caught.value)
    assert "\n" not in text
    assert "PRIVATE" not in text
    return text


def test_it_is_made_once_for_its_owner_alone(desk: Desk) -> None:
    signer = ledger_key.provide(desk.path, desk.db)
    path = desk.path.with_name("fleet.db.journal-key")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert ledger_key.provide(desk.path, desk.db).verifier.id == signer.verifier.id
    signature = signer.sign(b"text")
    assert ledger_key.load(desk.path).verifier.holds(signature, b"text")
    assert not signer.verifier.holds(signature, b"texts")
    assert not SIGNER.verifier.holds(signature, b"text")
    with pytest.raises(DatabaseError, match="is there already"):
        ledger_key.make(desk.path)
    link = desk.path.with_name("link.db")
    link.symlink_to(desk.path)
    assert ledger_key.path_of(link) == path


def test_nothing_shows_it(desk: Desk) -> None:
    signer = ledger_key.provide(desk.path, desk.db)
    pem = ledger_key.path_of(desk.path).read_text()
    secret = pem.splitlines()[1]
    assert len(secret) == 64
    key = load_pem_private_key(pem.encode(), None)
    raw = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())[-32:]
    shown = f"{signer!r} {signer.verifier!r} {signer.verifier.pem()} {vars(signer)}"
    for form in (secret, raw.hex(), repr(raw)):
        assert form not in shown


def test_what_others_can_read_or_own_signs_nothing(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger_key.make(desk.path)
    path = ledger_key.path_of(desk.path)
    for mode in (0o640, 0o604, 0o620, 0o601):
        path.chmod(mode)
        assert f"mode {mode:04o}" in refusal(desk.path)
    path.chmod(0o600)
    uid = os.geteuid()
    with monkeypatch.context() as patch:
        patch.setattr(os, "geteuid", lambda: uid + 1)
        assert f"belongs to user {uid}" in refusal(desk.path)
    kept = path.read_bytes()
    for content in (b"", b"no key", kept[:60], SIGNER.verifier.pem().encode()):
        path.write_bytes(content)
        assert "is no Ed25519 key" in refusal(desk.path)
    path.unlink()
    path.mkdir()
    assert "is no file" in refusal(desk.path) or "cannot be read" in refusal(desk.path)
    path.rmdir()
    path.symlink_to(desk.path.with_name("elsewhere"))
    desk.path.with_name("elsewhere").write_bytes(kept)
    assert "cannot be read" in refusal(desk.path)


def test_a_key_of_another_kind_is_none(desk: Desk) -> None:
    path = ledger_key.path_of(desk.path)
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

    other = X25519PrivateKey.generate()
    path.write_bytes(other.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    path.chmod(0o600)
    assert "is no Ed25519 key" in refusal(desk.path)


def test_a_lost_key_is_not_replaced_in_silence(desk: Desk) -> None:
    """Once it has signed, only the operator says that there is to be another."""
    desk.fleet.signer = ledger_key.provide(desk.path, desk.db)
    checkpoint(desk)
    ledger_key.path_of(desk.path).unlink()
    with pytest.raises(DatabaseError, match="put it back from its copy"):
        ledger_key.provide(desk.path, desk.db)
    signer, kept = ledger_key.renew(desk.path)
    assert kept is None
    again, kept = ledger_key.renew(desk.path)
    assert kept is not None
    assert ledger_key.load_public(kept).id == signer.verifier.id != again.verifier.id


def test_a_key_that_others_saw_or_that_is_broken_can_be_replaced(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its public half can be shown whoever asks, and is kept if there is one."""
    old = ledger_key.make(desk.path).verifier
    path = ledger_key.path_of(desk.path)
    path.chmod(0o644)
    assert ledger_key.public_half(desk.path).id == old.id
    signer, kept = ledger_key.renew(desk.path)
    assert kept is not None
    assert ledger_key.load_public(kept).id == old.id
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.write_bytes(b"broken")
    again, kept = ledger_key.renew(desk.path)
    assert kept is None
    assert ledger_key.load(desk.path).verifier.id == again.verifier.id != signer.verifier.id
    monkeypatch.setattr(os, "geteuid", lambda: 1)
    assert ledger_key.public_half(desk.path).id == again.verifier.id
    path.unlink()
    path.mkdir()
    with pytest.raises(DatabaseError, match="cannot be replaced"):
        ledger_key.renew(desk.path)


def test_the_daemon_starts_after_a_new_key(desk: Desk) -> None:
    """The old public half is written for nobody else, and may be shown to anybody."""
    ledger_key.make(desk.path)
    before = os.umask(0o022)
    try:
        _, kept = ledger_key.renew(desk.path)
    finally:
        os.umask(before)
    assert kept is not None
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    arguments = argparse.Namespace(
        db=desk.path, tls_key=None, broker_key=None, broker_password_file=None
    )
    assert secret_files.refuse(arguments) == ""
    kept.chmod(0o644)
    assert secret_files.refuse(arguments) == ""
    for name in ("fleet.db.journal-key", "fleet.db.journal-key.old.pem", f"{kept.name}.orig"):
        path = desk.path.with_name(name)
        path.touch()
        path.chmod(0o644)
        assert secret_files.refuse(arguments).startswith(f"--db {path}: holds secrets")
        path.chmod(0o600)
