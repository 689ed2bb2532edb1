"""Initialize MGN in an account and region, and read back what that has made: the call can fail half done."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

from botocore.exceptions import ClientError

from common.clients.aws import get_error_code, translate_aws_errors
from common.clients.mgn.errors import Uninitialized
from common.clients.mgn.service import Service
from common.clock import Clock
from common.errors import RetryableProviderError, StepFailed

SERVICE_LINKED_ROLE = "AWSServiceRoleForApplicationMigrationService"
ROLES = (
    SERVICE_LINKED_ROLE,
    "AWSApplicationMigrationAgentRole",
    "AWSApplicationMigrationReplicationServerRole",
    "AWSApplicationMigrationConversionServerRole",
)
"""Roles that replication and launches need. Others serve post-launch actions and Migration Hub."""
PROFILES = ("AWSApplicationMigrationReplicationServerRole", "AWSApplicationMigrationConversionServerRole")
"""Instance profiles that must hold the role of the same name."""
ATTEMPTS, INTERVAL_SECONDS = 5, 3.0
"""New roles take some seconds until every service sees them."""


class Initialization:
    """The state of MGN in one region of the account. `iam` is called only when it is needed."""

    def __init__(self, service: Service, iam: Callable[[], Any], clock: Clock) -> None:
        self._service, self._create_iam, self._clock = service, iam, clock

    @cached_property
    def _iam(self) -> Any:
        return self._create_iam()

    def ensure(self) -> Mapping[str, Any]:
        """Initialize the service when it is not, or when a part of it is missing. Return what exists. Idempotent.

        StepFailed names every role and instance profile that is missing afterwards.
        """
        called, failure = False, ""
        if not self._is_initialized() or self.list_missing():
            called = True
            try:
                self._service.call("initialize_service")
            except RetryableProviderError as lost:  # it may have acted without a response in time: what exists decides
                failure = f" ({lost.reason})"
        for attempt in range(ATTEMPTS):
            if attempt:
                self._clock.sleep(INTERVAL_SECONDS)
            initialized, missing = self._is_initialized(), self.list_missing()
            if initialized and not missing:
                return {"initialized": "now" if called else "before", "roles": ROLES, "instance_profiles": PROFILES}
        reason = f"still missing: {', '.join(missing)}" if missing else "it still answers that it is not initialized"
        raise StepFailed(
            f"AWS MGN in region {self._service.region} is initialized only in part: {reason}{failure}",
            next_action="open the MGN console in this region once and choose Get started, which creates them; then deploy again",
        )

    def list_missing(self) -> list[str]:
        """Return the roles that do not exist, and the instance profiles that do not exist or do not hold their role."""
        missing = [f"role {name}" for name in ROLES if self._read("get_role", "Role", RoleName=name) is None]
        for name in PROFILES:
            profile = self._read("get_instance_profile", "InstanceProfile", InstanceProfileName=name)
            if profile is None:
                missing.append(f"instance profile {name}")
            elif name not in [role.get("RoleName") for role in profile.get("Roles") or []]:
                missing.append(f"role {name} in the instance profile of this name")
        return missing

    def _is_initialized(self) -> bool:
        try:
            self._service.call("describe_replication_configuration_templates", maxResults=1)
        except Uninitialized:
            return False
        return True

    def _read(self, operation: str, member: str, **name: str) -> Mapping[str, Any] | None:
        """Return what IAM has under this name, None when it has nothing."""
        action = f"iam:{self._iam.meta.method_to_api_mapping[operation]}"
        try:
            with translate_aws_errors(action):
                return dict(getattr(self._iam, operation)(**name)[member])
        except StepFailed as failed:
            if isinstance(failed.__cause__, ClientError) and get_error_code(failed.__cause__) == "NoSuchEntity":
                return None
            raise
