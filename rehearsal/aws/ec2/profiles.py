"""Instance profiles: who a machine is to IAM, and its temporary credentials."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from botocore.exceptions import ClientError

from rehearsal.aws.clients import Clients
from rehearsal.aws.errors import ApiError
from rehearsal.world import Credentials

_FRESH = timedelta(minutes=15)
"""AWS shows new credentials at least five minutes before the old ones end."""
_DURATION = 6 * 3600


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

    def __init__(self, clients: Clients) -> None:
        self._clients = clients
        self._lock = threading.Lock()
        self._kept: dict[tuple[str, str], Credentials] = {}

    def find(self, *, name: str | None = None, arn: str | None = None) -> Profile:
        """Raises ApiError as RunInstances does for a profile that does not exist."""
        wanted = name or (arn or "").rpartition("/")[2]
        try:
            found = self._clients("iam").get_instance_profile(InstanceProfileName=wanted)["InstanceProfile"]
        except ClientError as error:
            message = (
                f"Value ({wanted}) for parameter iamInstanceProfile.name is invalid. Invalid IAM Instance Profile name"
            )
            raise ApiError("InvalidParameterValue", message) from error
        role = next(iter(found["Roles"]), None)
        role_name, role_arn = (role["RoleName"], role["Arn"]) if role else (None, None)
        return Profile(found["Arn"], found["InstanceProfileId"], wanted, role_name, role_arn)

    def credentials(self, instance: str, profile: Profile) -> Credentials | None:
        """Those of the role, assumed in the instance's name as EC2 does; renewed before they end."""
        if profile.role_arn is None:
            return None
        with self._lock:
            kept = self._kept.get((instance, profile.role_arn))
            if kept is None or kept.expiration - datetime.now(UTC) < _FRESH:
                kept = self._kept[instance, profile.role_arn] = self._assume(instance, profile.role_arn)
            return kept

    def _assume(self, instance: str, role_arn: str) -> Credentials:
        answer = self._clients("sts").assume_role(
            RoleArn=role_arn, RoleSessionName=instance, DurationSeconds=_DURATION
        )["Credentials"]
        return Credentials(
            answer["AccessKeyId"], answer["SecretAccessKey"], answer["SessionToken"], answer["Expiration"]
        )
