"""Instance profiles: who a machine is to IAM, and its temporary credentials."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from botocore.exceptions import ClientError

from rehearsal.aws.clients import Clients
from rehearsal.aws.ec2 import exceptions
from rehearsal.aws.role_sessions import RoleSessions
from rehearsal.world import Credentials

_FRESH = timedelta(minutes=15)
"""AWS shows new credentials at least five minutes before the old ones end."""
_DURATION = timedelta(hours=6)
_EC2 = "ec2.amazonaws.com"


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

    def __init__(self, clients: Clients, sessions: RoleSessions) -> None:
        self._clients, self._sessions = clients, sessions
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
                role = self._sessions.find_role(str(profile.role_name))
                if role is None or _EC2 not in role.trusted:
                    return None
                kept = self._sessions.assume(profile.role_arn, instance, _DURATION)
                self._kept[instance, profile.role_arn] = kept
            return kept
