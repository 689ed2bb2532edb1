"""Temporary credentials that AWS gives to a machine, in the name of a role that trusts one of its services."""

from __future__ import annotations

import base64
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError

from rehearsal.aws.clients import Clients
from rehearsal.aws.registry import Registry
from rehearsal.settings import ACCOUNT
from rehearsal.world import Credentials


@dataclass(frozen=True)
class Role:
    """A role of the account; `trusted` are the services that may assume it."""

    name: str
    arn: str
    trusted: frozenset[str]


class RoleSessions:
    """Look roles up in IAM and begin sessions with them. Thread-safe."""

    def __init__(self, clients: Clients, registry: Registry) -> None:
        self._clients = clients
        self._begin_session = registry.get_function("sts", "register_session")

    def find_role(self, name: str) -> Role | None:
        """Return a role by its name; None when there is none."""
        try:
            found = self._clients("iam").get_role(RoleName=name)["Role"]
        except ClientError:
            return None
        return Role(found["RoleName"], found["Arn"], frozenset(_list_trusted(found["AssumeRolePolicyDocument"])))

    def assume(self, role_arn: str, session: str, duration: timedelta) -> Credentials:
        """Return new credentials of the role. The caller has checked whom the role trusts."""
        role = role_arn.rpartition("/")[2]
        made = Credentials(
            access_key_id="ASIA" + secrets.token_hex(8).upper(),
            secret_access_key=_make_secret(30),
            session_token=_make_secret(60),
            expiration=datetime.now(UTC) + duration,
        )
        self._begin_session(
            made.access_key_id,
            {
                "Arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/{role}/{session}",
                "UserId": f"{role}:{session}",
                "SecretAccessKey": made.secret_access_key,
                "SessionToken": made.session_token,
                "Expiration": made.expiration.timestamp(),
                "AccountId": ACCOUNT,
                "PrincipalType": "AssumedRole",
            },
        )
        return made


def _list_trusted(document: Any) -> list[str]:
    return [
        service
        for statement in document["Statement"]
        if statement["Effect"] == "Allow" and "sts:AssumeRole" in _as_list(statement["Action"])
        for service in _as_list(statement["Principal"].get("Service", []))
    ]


def _as_list(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def _make_secret(size: int) -> str:
    """Return a secret of `size` random bytes in AWS's alphabet, which has no hyphen: a secret never looks like an option of a program."""
    return base64.b64encode(secrets.token_bytes(size)).decode()
