"""Initialize MGN in an account and region, and read back what that has made: the call can fail half done."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from common.clients.mgn.errors import Uninitialized
from common.clients.mgn.roles import NEEDED, SERVICE_LINKED_ROLE, Roles
from common.clients.mgn.service import Service
from common.clock import Clock
from common.errors import CutoverError, StepFailed

ATTEMPTS, INTERVAL_SECONDS = 8, 3.0
"""New roles take some seconds until every service sees them."""
CONSOLE = "open the MGN console in this region once and choose Get started, which creates them; then deploy again"


class Initialization:
    """The state of MGN in one region of the account."""

    def __init__(self, service: Service, clients: Callable[[str], Any], clock: Clock) -> None:
        self._service, self._roles, self._clock = service, Roles(clients), clock

    def ensure(self) -> Mapping[str, Any]:
        """Create the roles of MGN and initialize the service, when it is not or when a part of it is missing. Return what exists. Idempotent.

        StepFailed names every role, policy and instance profile that is missing afterwards.
        """
        if self._is_initialized() and not self._roles.list_missing():
            return _list_facts("before")
        self._roles.create()
        failure: CutoverError | None = None
        for attempt in range(ATTEMPTS):
            if attempt:
                self._clock.sleep(INTERVAL_SECONDS)
            failure = self._try_to_initialize() or failure
            self._roles.complete_profiles()
            initialized, missing = self._is_initialized(), self._roles.list_missing()
            if initialized and not missing:
                return _list_facts("now")
        reason = f"still missing: {', '.join(missing)}" if missing else "it still answers that it is not initialized"
        raise StepFailed(
            f"AWS MGN in region {self._service.region} is initialized only in part: {reason}{f' ({failure.reason})' if failure else ''}",
            next_action=(isinstance(failure, StepFailed) and failure.next_action) or CONSOLE,
        )

    def _try_to_initialize(self) -> CutoverError | None:
        """Call InitializeService. Return its error: what exists decides. It also fails while a new role is not seen everywhere."""
        try:
            self._service.call("initialize_service")
        except CutoverError as failed:
            return failed
        return None

    def _is_initialized(self) -> bool:
        try:
            self._service.call("describe_replication_configuration_templates", maxResults=1)
        except Uninitialized:
            return False
        return True


def _list_facts(when: str) -> dict[str, Any]:
    return {
        "initialized": when,
        "roles": [SERVICE_LINKED_ROLE, *(one.name for one in NEEDED)],
        "instance_profiles": [one.name for one in NEEDED if one.has_profile],
    }
