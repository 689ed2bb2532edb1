"""Passwords, form tokens and keys."""

from __future__ import annotations

import time

import pytest
from gogs_standin.domain import keys, passwords
from gogs_standin.domain.exceptions import RequestRefused
from gogs_standin.web import csrf


def test_a_password_is_verified_only_with_its_own_salt() -> None:
    salt = passwords.generate_text()
    stored = passwords.encode_password("Al1ce-pass", salt)
    assert passwords.is_match("Al1ce-pass", salt, stored)
    assert not passwords.is_match("al1ce-pass", salt, stored)
    assert not passwords.is_match("Al1ce-pass", passwords.generate_text(), stored)
    assert len(salt) <= 10, "the column's width"


def test_a_form_token_is_valid_for_one_user_one_secret_and_one_day(monkeypatch: pytest.MonkeyPatch) -> None:
    token = csrf.issue_token("secret", 2)
    assert csrf.is_valid("secret", 2, token)
    assert not csrf.is_valid("secret", 3, token)
    assert not csrf.is_valid("other", 2, token)
    assert not csrf.is_valid("secret", 2, "")
    later = time.time() + csrf.LIFE_SECONDS + 1
    monkeypatch.setattr(time, "time", lambda: later)
    assert not csrf.is_valid("secret", 2, token)


def test_a_public_key_must_have_the_type_that_it_names() -> None:
    good = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEvB8bDJAb1CtTBSK0iwV65UL/AnkC5POnQfc7JeVmPP alice"
    assert keys.parse(good + "\n") == good
    assert keys.parse(good.split(" ")[1]) == good.removesuffix(" alice")
    assert keys.compute_fingerprint(good) == "SHA256:0UaHsnjpwP9pfhKPERReBV6zpiXrHes+s85571aZ4tU"
    with pytest.raises(RequestRefused, match="claims that it is ssh-rsa, but it is ssh-ed25519"):
        keys.parse(good.replace("ssh-ed25519", "ssh-rsa"))
    with pytest.raises(RequestRefused, match="one line"):
        keys.parse(good + "\n" + good)
