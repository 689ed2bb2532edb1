"""Passwords, form tokens and keys as Gogs has them."""

from __future__ import annotations

import time

import pytest

from rehearsal.gogs.standin.domain import keys, passwords
from rehearsal.gogs.standin.domain.errors import Refused
from rehearsal.gogs.standin.web import csrf

FROM_A_REAL_ONE = "a0e0f56ab3848ed7d28242f30c94761339cca9d75f9a1b797271808b232dbe99e25583951553407b3c3aa471559a3241d387"
"""What Gogs 0.14.3 stored for the password Al1ce-pass with the salt OlsaCiH3Gg."""


def test_a_password_stored_by_the_real_one_is_recognised() -> None:
    assert passwords.matches("Al1ce-pass", "OlsaCiH3Gg", FROM_A_REAL_ONE)
    assert not passwords.matches("al1ce-pass", "OlsaCiH3Gg", FROM_A_REAL_ONE)


def test_a_form_token_is_for_one_user_one_secret_and_one_day(monkeypatch: pytest.MonkeyPatch) -> None:
    token = csrf.issue("secret", 2)
    assert csrf.valid("secret", 2, token)
    assert not csrf.valid("secret", 3, token)
    assert not csrf.valid("other", 2, token)
    assert not csrf.valid("secret", 2, "")
    later = time.time() + csrf.LIFE_SECONDS + 1
    monkeypatch.setattr(time, "time", lambda: later)
    assert not csrf.valid("secret", 2, token)


def test_keys_are_checked_against_the_type_inside() -> None:
    good = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEvB8bDJAb1CtTBSK0iwV65UL/AnkC5POnQfc7JeVmPP alice"
    assert keys.parsed(good + "\n") == good
    assert keys.fingerprint(good) == "SHA256:0UaHsnjpwP9pfhKPERReBV6zpiXrHes+s85571aZ4tU"
    with pytest.raises(Refused, match="does not match: ssh-rsa - ssh-ed25519"):
        keys.parsed(good.replace("ssh-ed25519", "ssh-rsa"))
