"""Handle the requests of the agents of hybrid nodes: registration, and heartbeats, to which the response is credentials.

The agent of AWS signs these requests (RegisterManagedInstance, RequestManagedInstanceRoleToken) with a key pair of its own;
botocore has no model of them. Here they are two requests of the rehearsal:

POST /_rehearsal/ssm/register   {"activationId", "activationCode", "fingerprint", "computerName", "address", …} -> {"instanceId", "key", …}
POST /_rehearsal/ssm/heartbeat  {"instanceId", "key", "fingerprint"} -> {"credentials": {…}, "heartbeatSeconds"}
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from rehearsal.aws.control import Call, Response
from rehearsal.aws.exceptions import ApiError
from rehearsal.aws.role_sessions import RoleSessions
from rehearsal.aws.ssm import exceptions
from rehearsal.aws.ssm.models import AgentFacts, HybridNode, now
from rehearsal.aws.ssm.registrations import Registrations
from rehearsal.faults import CommandRejected
from rehearsal.settings import REGION
from rehearsal.world import Credentials

HEARTBEAT_SECONDS = 5.0
SSM = "ssm.amazonaws.com"
DURATION = timedelta(hours=1)
"""How long the credentials of a hybrid node last."""


class Agents:
    """`find_machine` returns the id of the world's machine that has an address. Thread-safe."""

    def __init__(
        self,
        registrations: Registrations,
        sessions: RoleSessions,
        find_machine: Callable[[str], str | None],
        duration: timedelta = DURATION,
    ) -> None:
        self._registrations, self._sessions, self._find_machine = registrations, sessions, find_machine
        self._duration = duration
        self._kept: dict[tuple[str, str], Credentials] = {}
        self._lock = threading.Lock()

    def __call__(self, call: Call) -> Response:
        """Handle a request of an agent. Raises CommandRejected for one that no agent sends."""
        requests = {"register": self.register, "heartbeat": self.handle_heartbeat}
        sent = call.document
        if call.method != "POST" or call.rest not in requests or not isinstance(sent, dict):
            raise CommandRejected(f"{call.method} {call.rest}: no such request of an agent")
        try:
            return 200, requests[call.rest](sent)
        except ApiError as error:
            return error.status, {"code": error.code, "message": error.message}

    def register(self, sent: Mapping[str, Any]) -> Mapping[str, Any]:
        """Register the agent's machine. Raises ApiError."""
        facts = AgentFacts(
            fingerprint=_read(sent, "fingerprint"),
            computer_name=_read(sent, "computerName"),
            address=_read(sent, "address"),
            platform_name=str(sent.get("platformName", "")),
            platform_version=str(sent.get("platformVersion", "")),
        )
        activation, code = _read(sent, "activationId"), _read(sent, "activationCode")
        machine = self._find_machine(facts.address)
        if machine is None:
            raise exceptions.unknown_address(facts.address)
        node, key = self._registrations.register(activation, code, machine, facts)
        return {"instanceId": node.id, "key": key, "region": REGION}

    def handle_heartbeat(self, sent: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the credentials of the node's role. Raises ApiError."""
        node = self._registrations.record_heartbeat(
            _read(sent, "instanceId"), _read(sent, "key"), _read(sent, "fingerprint")
        )
        credentials = self._get_credentials(node)
        return {
            "credentials": {
                "accessKeyId": credentials.access_key_id,
                "secretAccessKey": credentials.secret_access_key,
                "sessionToken": credentials.session_token,
            },
            "heartbeatSeconds": HEARTBEAT_SECONDS,
        }

    def _get_credentials(self, node: HybridNode) -> Credentials:
        """Return the node's credentials, and new ones when half of their time is over, as the agent of AWS asks for them."""
        with self._lock:
            kept = self._kept.get((node.id, node.role))
            if kept is None or kept.expiration - now() < self._duration / 2:
                role = self._sessions.find_role(node.role.rpartition("/")[2])
                if role is None or SSM not in role.trusted:
                    raise exceptions.role_not_trusting(node.role)
                kept = self._kept[node.id, node.role] = self._sessions.assume(role.arn, node.id, self._duration)
            return kept


def _read(sent: Mapping[str, Any], name: str) -> str:
    value = sent.get(name)
    if not isinstance(value, str) or not value:
        raise exceptions.invalid_registration(name)
    return value
