"""Instance profiles: who a machine is to IAM, and its temporary credentials."""

from __future__ import annotations

import secrets
import threading
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from botocore.exceptions import ClientError

from rehearsal.aws.clients import Clients
from rehearsal.aws.ec2 import exceptions
from rehearsal.aws.registry import Registry
from rehearsal.settings import ACCOUNT
from rehearsal.world import Credentials

_FRESH = timedelta(minutes=15)
"""AWS shows new credentials at least five minutes before the old ones end."""
_DURATION = timedelta(hours=6)


@dataclass(frozen=True)
class Profile:
    """An instance profile, and the role in it (None: the profile has none, so there are no credentials)."""

    arn: str
    id: str
    name: str
    role_name: str | None
    role_arn: str | None


class Profiles:
    """Looks profiles up in IAM and assumes their roles. Thread-safe."""

    def __init__(self, clients: Clients, registry: Registry) -> None:
        self._clients = clients
        self._begin_session = registry.get_function("sts", "register_session")
        self._lock = threading.Lock()
        self._kept: dict[tuple[str, str], Credentials] = {}

    def find(self, *, name: str | None = None, arn: str | None = None) -> Profile:
        """Return an instance profile by name or ARN. Raises ApiError as RunInstances does when there is none."""
        wanted = name or (arn or "").rpartition("/")[2]
        try:
            found = self._clients("iam").get_instance_profile(InstanceProfileName=wanted)["InstanceProfile"]
        except ClientError as error:
            raise exceptions.instance_profile_not_found(wanted) from error
        role = next(iter(found["Roles"]), None)
        role_name, role_arn = (role["RoleName"], role["Arn"]) if role else (None, None)
        return Profile(found["Arn"], found["InstanceProfileId"], wanted, role_name, role_arn)

    def get_credentials(self, instance: str, profile: Profile) -> Credentials | None:
        """Return the role's credentials, assumed in the instance's name as EC2 does, and renew them before they expire. None: the role does not trust EC2."""
        if profile.role_arn is None:
            return None
        with self._lock:
            kept = self._kept.get((instance, profile.role_arn))
            if kept is None or kept.expiration - datetime.now(UTC) < _FRESH:
                if not self._is_trusting_ec2(profile):
                    return None
                kept = self._kept[instance, profile.role_arn] = self._assume_role(instance, profile.role_arn)
            return kept

    def _is_trusting_ec2(self, profile: Profile) -> bool:
        document = self._clients("iam").get_role(RoleName=str(profile.role_name))["Role"]["AssumeRolePolicyDocument"]
        return any(
            statement["Effect"] == "Allow"
            and "sts:AssumeRole" in _as_list(statement["Action"])
            and "ec2.amazonaws.com" in _as_list(statement["Principal"].get("Service", []))
            for statement in document["Statement"]
        )

    def _assume_role(self, instance: str, role_arn: str) -> Credentials:
        role = role_arn.rpartition("/")[2]
        made = Credentials(
            access_key_id="ASIA" + secrets.token_hex(8).upper(),
            secret_access_key=secrets.token_urlsafe(30),
            session_token=secrets.token_urlsafe(60),
            expiration=datetime.now(UTC) + _DURATION,
        )
        self._begin_session(
            made.access_key_id,
            {
                "Arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/{role}/{instance}",
                "UserId": f"{role}:{instance}",
                "SecretAccessKey": made.secret_access_key,
                "SessionToken": made.session_token,
                "Expiration": made.expiration.timestamp(),
                "AccountId": ACCOUNT,
                "PrincipalType": "AssumedRole",
            },
        )
        return made


def _as_list(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value
