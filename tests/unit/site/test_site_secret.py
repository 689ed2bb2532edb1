"""A replica copies the source's site secret into the secret of the site that stays."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from cutover_site.errors import NotConfigured
from cutover_site.launch import site_secret

FACTS = {"site_secret": "source", "target_site_secret": "copy"}
WHOLE = {"SECRET_KEY": "k", "admin_password": "p", "mailer": "[mailer]"}


class Aws:
    def __init__(self, **secrets: dict[str, str]) -> None:
        self.secrets, self.writes = secrets, 0

    def read_secret(self, name: str) -> dict[str, str]:
        return dict(self.secrets[name])

    def store_secret(self, name: str, value: dict[str, str]) -> None:
        self.secrets[name] = value
        self.writes += 1


def create_replica(aws: Aws) -> Any:
    return SimpleNamespace(aws=aws, get_fact=FACTS.__getitem__, read_site_secret=lambda: aws.read_secret("source"))


def test_the_copy_has_every_key_and_nothing_of_its_first_value() -> None:
    aws = Aws(source=WHOLE, copy={"notCopiedYet": "x"})
    assert site_secret.copy_to_target(create_replica(aws)) is True
    assert aws.secrets["copy"] == WHOLE
    assert aws.secrets["source"] == WHOLE


def test_a_changed_setting_of_the_source_is_copied_again() -> None:
    aws = Aws(source={**WHOLE, "mailer": "[mailer] new"}, copy=WHOLE)
    assert site_secret.copy_to_target(create_replica(aws)) is True
    assert aws.secrets["copy"]["mailer"] == "[mailer] new"


def test_an_equal_copy_is_not_written_again() -> None:
    aws = Aws(source=WHOLE, copy=WHOLE)
    assert site_secret.copy_to_target(create_replica(aws)) is False
    assert aws.writes == 0


def test_an_incomplete_secret_of_the_source_is_not_copied() -> None:
    aws = Aws(source={}, copy=WHOLE)
    replica = create_replica(aws)

    def refuse() -> dict[str, str]:
        raise NotConfigured("secret source has no SECRET_KEY")

    replica.read_site_secret = refuse
    with pytest.raises(NotConfigured):
        site_secret.copy_to_target(replica)
    assert aws.secrets["copy"] == WHOLE
