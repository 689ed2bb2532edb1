"""Registration and heartbeats of the agents, and the reports of launched machines.

AWS publishes no protocol of its agent; this one is the rehearsal's. An agent registers with a signed request,
`POST /RegisterAgentForMgn`, whose caller needs mgn:RegisterAgentForMgn. Afterwards it does without those credentials:

POST /_rehearsal/mgn/heartbeat   {"sourceServerID", "agentKey"} -> {"command": "none" or "uninstall"}
POST /_rehearsal/mgn/launched    {"event": "booted", …} with a bearer token -> {"run": true}: its post-launch scripts may run (false: a fault is ordered)
"""

from __future__ import annotations

import hmac
import logging
import secrets
from collections.abc import Callable, Mapping
from typing import Any

from rehearsal.aws.control import Call, Response
from rehearsal.aws.mgn import exceptions
from rehearsal.aws.mgn.configurations import build_launch_configuration, build_replication_configuration
from rehearsal.aws.mgn.identifiers import generate_id, hash_secret
from rehearsal.aws.mgn.launch_templates import LaunchTemplates
from rehearsal.aws.mgn.life_cycle import ENDED
from rehearsal.aws.mgn.models import Json, SourceServer
from rehearsal.aws.mgn.stalls import Stalls
from rehearsal.aws.mgn.state import State
from rehearsal.aws.registry import Caller, Check
from rehearsal.faults import CommandRejected
from rehearsal.replication_engine.dates import format_date, now

HEARTBEAT_SECONDS = 5.0
_log = logging.getLogger(__name__)
_OPTIONAL: dict[str, type] = {"tags": dict, "userProvidedID": str, "noReplication": bool}


class Agents:
    """Thread-safe. `replicate` begins the replication of a server, `wake` continues it when an agent that was away is back.

    `find_machine` returns the machine that has an address. `stalls` knows whether an agent is away, and the ordered faults of a server.
    """

    def __init__(
        self,
        state: State,
        templates: LaunchTemplates,
        caller: Callable[[], Caller],
        replicate: Callable[[SourceServer], None],
        wake: Callable[[str], None],
        stalls: Stalls,
        find_machine: Callable[[str], str | None],
    ) -> None:
        self._state, self._templates, self._caller = state, templates, caller
        self._replicate, self._wake, self._stalls = replicate, wake, stalls
        self._find_machine = find_machine

    def register(self, document: object) -> Mapping[str, Any]:
        """Register the agent's machine: a new source server, or the one that this machine is already. Raises ApiError."""
        sent = _read(document)
        self._require_permissions(sent)
        with self._state.lock:
            self._state.require_initialized()
            if not (self._state.replication_templates and self._state.launch_templates):
                raise exceptions.uninitialized()
            server = self._find_known(sent["identity"])
        if server is None:
            server = self._add(sent)
        key = secrets.token_urlsafe(32)
        with self._state.lock:
            server.machine_id = self._locate_machine(sent["properties"])
            server.properties = {**sent["properties"], "lastUpdatedDateTime": format_date(now())}
            server.seen, server.agent_key, server.must_uninstall = now(), hash_secret(key), False
            starts = server.replication == "STARTED"
        if starts:
            self._replicate(server)
        return {"sourceServerID": server.id, "agentKey": key, "heartbeatSeconds": HEARTBEAT_SECONDS}

    def __call__(self, call: Call) -> Response:
        """Handle a request of an installed agent or of a launched machine. Raises CommandRejected."""
        if call.method != "POST" or call.rest not in ("heartbeat", "launched"):
            raise CommandRejected(f"{call.method} {call.rest}: no such request of an agent")
        sent = call.document
        if not isinstance(sent, dict):
            raise CommandRejected("the body must be a JSON object")
        return self._record_report(call, sent) if call.rest == "launched" else self._handle_heartbeat(sent)

    def _handle_heartbeat(self, sent: Json) -> Response:
        with self._state.lock:
            server = self._state.servers.get(str(sent.get("sourceServerID")))
            if server is None or not hmac.compare_digest(server.agent_key, hash_secret(str(sent.get("agentKey")))):
                return 401, {"message": "MGN does not know this agent"}
            was_away, server.seen = self._stalls.is_away(server), now()
            if server.must_uninstall:
                return 200, {"command": "uninstall"}
        if was_away:
            self._wake(server.id)
        return 200, {"command": "none"}

    def _record_report(self, call: Call, sent: Json) -> Response:
        """Record that a launched instance has booted; log how its post-launch scripts end."""
        token = hash_secret(call.bearer)
        with self._state.lock:
            server = next(
                (one for one in self._state.servers.values() if hmac.compare_digest(one.report_token, token)), None
            )
            if server is None:
                return 401, {"message": "MGN did not launch this instance"}
            has_booted = sent.get("event") == "booted"
            if has_booted:
                server.first_boot = "SUCCEEDED"
        _log.info("launched instance of %s: %s", server.id, sent)
        return 200, {"run": not (has_booted and self._stalls.find_hit("mgn-no-scripts", server))}

    def _require_permissions(self, sent: Json) -> None:
        caller = self._caller()
        checks = [Check("mgn:RegisterAgentForMgn")]
        if sent.get("tags"):
            checks.append(
                Check("mgn:TagResource", "arn:aws:mgn:*:*:source-server/*", {"mgn:CreateAction": "RegisterAgentForMgn"})
            )
        for check in checks:
            if not caller.is_allowed(check):
                raise exceptions.access_denied(f"User: {caller.arn} is not authorized to perform: {check.action}")

    def _locate_machine(self, properties: Json) -> str:
        """Return the machine of this world: by its instance id, or by an address when it is no EC2 instance."""
        if instance := properties.get("identificationHints", {}).get("awsInstanceID"):
            return str(instance)
        addresses = [ip for one in properties.get("networkInterfaces", []) for ip in one.get("ips", [])]
        return next(filter(None, map(self._find_machine, addresses)), None) or ""

    def _find_known(self, identity: str) -> SourceServer | None:
        """Return the server that this machine is. One whose migration has ended is onboarded again."""
        return next(
            (one for one in self._state.servers.values() if one.identity == identity and one.state not in ENDED), None
        )

    def _add(self, sent: Json) -> SourceServer:
        with self._state.lock:
            template = next(iter(self._state.replication_templates.values()))
            identifier = generate_id("s")
            server = SourceServer(
                id=identifier,
                identity=sent["identity"],
                agent_key="",
                properties=sent["properties"],
                tags=dict(sent.get("tags", {})),
                user_provided_id=sent.get("userProvidedID", ""),
                replication_configuration=build_replication_configuration(
                    template, sent["properties"].get("disks", [])
                ),
                launch_configuration=build_launch_configuration(
                    identifier, next(iter(self._state.launch_templates.values()), None)
                ),
                replication="STOPPED" if sent.get("noReplication") else "STARTED",
            )
        server.launch_template_id = self._templates.create(server)  # a call to EC2: without the lock
        with self._state.lock:
            self._state.servers[server.id] = server
        return server


def _read(document: object) -> Json:
    """Return a registration. Raises ApiError that names the member that is wrong."""
    if not isinstance(document, dict):
        raise exceptions.invalid("The body must be a JSON object")
    required: dict[str, type] = {"identity": str, "properties": dict}
    for name, kind in {**required, **_OPTIONAL}.items():
        if name in document and not isinstance(document[name], kind):
            raise exceptions.invalid(f"must be of type {kind.__name__}", field=name)
    for name in required:
        if name not in document:
            raise exceptions.invalid("is required", field=name)
    if unknown := document.keys() - required.keys() - _OPTIONAL.keys():
        raise exceptions.invalid("is not known", field=min(unknown))
    return document
