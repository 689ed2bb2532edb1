"""What MGN itself keeps in EC2 for a source server: replication and conversion servers, disks, snapshots, the launch template.

MGN removes it within 90 minutes after the end of the replication (https://docs.aws.amazon.com/mgn/latest/ug/key-considerations.html). What is left after
that belongs to no source server, and costs money.
"""

from __future__ import annotations

from collections.abc import Iterable

from common.clients.mgn.errors import Uninitialized
from common.clients.mgn.instances import MANAGED, MANAGED_TAG, ROLE_TAG, SERVER_TAG
from common.clients.mgn.servers import ENDED, Server, Servers, get_state
from common.clients.mgn.times import parse_moment
from common.clients.resources import UNUSED, Finding, Resource, Resources, find_production_tag
from common.clock import Clock, format_iso

KEPT_SECONDS = 90 * 60
LAUNCHED_KINDS = frozenset({"instance", "image"})
"""A machine that somebody has launched of a source server has the same tags as a conversion server, and serves perhaps. MGN makes no images."""
BACKUP_TAGS = ("aws:backup:", "aws:dlm:")
"""of AWS Backup and of Data Lifecycle Manager, which copy the other tags of what they back up"""
WHAT = {
    "instance": "replication or conversion server of MGN, or a launched machine",
    "volume": "staging disk of MGN, or disk of a terminated replica",
    "snapshot": "snapshot of a staging disk of MGN",
    "image": "image with the tags of MGN",
    "launch template": "launch template of the source server",
}


class Staging:
    """The resources that MGN made for the source servers of one name, also for those that are archived."""

    def __init__(self, servers: Servers, resources: Resources, clock: Clock, *, source_server_name: str) -> None:
        self._servers, self._resources, self._clock = servers, resources, clock
        self._name = source_server_name

    def list_findings(self) -> list[Finding]:
        """Return them, except for those with a role of a run: these are a replica's. Empty where MGN was never initialized."""
        try:
            servers = self._servers.list_any(self._name)
        except Uninitialized:
            return []
        managed = self._resources.list_all({MANAGED_TAG: MANAGED})
        return list(self._evaluate_all(managed, {str(one["sourceServerID"]): one for one in servers}))

    def _evaluate_all(self, managed: Iterable[Resource], servers: dict[str, Server]) -> Iterable[Finding]:
        for resource in managed:
            owner = resource.tags.get(SERVER_TAG, "")
            if ROLE_TAG in resource.tags or (owner and owner not in servers):
                continue
            yield self._evaluate(resource, servers.get(owner))

    def _evaluate(self, resource: Resource, server: Server | None) -> Finding:
        removable, reason = False, "it has no tag of a source server, so that other source servers may use it"
        if server is not None and get_state(server) not in ENDED:
            reason = f"source server {server['sourceServerID']} is {get_state(server)}: MGN uses it"
        elif server is not None:
            removable, reason = self._evaluate_ended(resource, server)
        return Finding(resource=resource, what=WHAT[resource.kind], reason=reason, is_removable=removable)

    def _evaluate_ended(self, resource: Resource, server: Server) -> tuple[bool, str]:
        ended = find_end(server)
        server_id = server["sourceServerID"]
        if ended is None:
            return False, f"the replication of {server_id} has ended at an unknown time: look at it in the MGN console"
        due = ended + KEPT_SECONDS
        if self._clock.now() < due:
            return False, f"MGN removes it by itself until {format_iso(due)}: check again then"
        since = f"the replication of {server_id} has ended at {format_iso(ended)}, and MGN has not removed it"
        if resource.kind in LAUNCHED_KINDS:
            launched = f"the machine that was launched of {server_id}, or an image of it"
            return False, f"{since}, but it may be {launched}: look at it yourself"
        if any(name.startswith(BACKUP_TAGS) for name in resource.tags):
            return False, f"{since}, but it is a backup"
        if resource.kind == "volume" and resource.state != UNUSED:
            return False, f"{since}, but an instance uses it"
        if tag := find_production_tag(resource.tags):
            return False, f"{since}, but it has the tag {tag}"
        return True, since


def find_end(server: Server) -> float | None:
    """Return when the server was finalized (epoch seconds), otherwise when its agent was seen last. None when neither is known."""
    life = server.get("lifeCycle") or {}
    finalized = ((life.get("lastCutover") or {}).get("finalized") or {}).get("apiCallDateTime")
    return parse_moment(finalized or life.get("lastSeenByServiceDateTime"))
