"""Replication settings: the template for servers that are added later, and the configuration of each server that exists.

An agent can register only if the account has both templates of MGN (https://docs.aws.amazon.com/mgn/latest/ug/mgn-initialize-api.html).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from common.clients.mgn.errors import Conflict
from common.clients.mgn.servers import Server, Servers, list_names
from common.clients.mgn.service import Service
from common.clients.mgn.settings import MgnSettings
from common.clients.provider import ReplicationSettings
from common.errors import StepFailed

FOR_NEW: Mapping[str, Any] = {
    "useDedicatedReplicationServer": False,
    "defaultLargeStagingDiskType": "GP3",
    "stagingAreaTags": {},
}
"""what a new template needs beside the settings; an existing one keeps its own values"""
ENCRYPTION = ("ebsEncryption", "ebsEncryptionKeyArn")


class Replication:
    """Where replication servers are put, and how agents reach them."""

    def __init__(self, service: Service, servers: Servers, own: MgnSettings, source_server_name: str) -> None:
        self._service, self._servers, self._own, self._name = service, servers, own, source_server_name

    def ensure_templates(self, settings: ReplicationSettings) -> Mapping[str, Any]:
        """Create the templates that the account does not have, the one of replication with these settings. Return their ids.

        Existing ones stay as they are.
        """
        replication = self._service.items("describe_replication_configuration_templates")
        if not replication:
            members = {**FOR_NEW, **self._translate(settings)}
            replication = [self._service.call("create_replication_configuration_template", **members)]
        launch = self._service.items("describe_launch_configuration_templates")
        if not launch:
            launch = [self._service.call("create_launch_configuration_template")]
        return {
            "replication_template": str(replication[0]["replicationConfigurationTemplateID"]),
            "launch_template": str(launch[0]["launchConfigurationTemplateID"]),
        }

    def configure(self, settings: ReplicationSettings) -> Mapping[str, Any]:
        """Write the settings to the template and to the configuration of the source server, if it exists. Idempotent.

        Then start the replication of a server that was added without one. Return what is in force and what changed. StepFailed, before any
        change: another encryption key would copy all data again.
        """
        wanted = self._translate(settings)
        servers = self._servers.list_named(self._name)
        differing = {str(one["sourceServerID"]): self._compare_server(one, wanted) for one in servers}
        template, changed = self._write_template(wanted)
        for server_id, members in differing.items():
            if members:
                self._service.call("update_replication_configuration", sourceServerID=server_id, **members)
        started = [str(one["sourceServerID"]) for one in servers if is_without_replication(one)]
        for server_id in started:
            self._start(server_id)
        return {
            **wanted,
            "template": template,
            "changed_in_template": changed,
            "changed_in_servers": {server_id: sorted(members) for server_id, members in differing.items()},
            "started": started,
        }

    def _start(self, server_id: str) -> None:
        try:
            self._service.call("start_replication", sourceServerID=server_id)
        except Conflict:  # the response to an earlier call may be lost
            if is_without_replication(self._servers.read(server_id)):
                raise

    def _translate(self, settings: ReplicationSettings) -> dict[str, Any]:
        key = self._own.ebs_encryption_key_arn
        return {
            "stagingAreaSubnetId": settings.subnet_id,
            "associateDefaultSecurityGroup": not settings.security_group_ids,
            "replicationServersSecurityGroupsIDs": list(settings.security_group_ids),
            "replicationServerInstanceType": self._own.replication_server_instance_type,
            "ebsEncryption": "CUSTOM" if key else "DEFAULT",
            **({"ebsEncryptionKeyArn": key} if key else {}),
            "bandwidthThrottling": self._own.bandwidth_throttling_mbps,
            "dataPlaneRouting": "PRIVATE_IP" if settings.use_private_ip else "PUBLIC_IP",
            "createPublicIP": not settings.use_private_ip,
        }

    def _write_template(self, wanted: Mapping[str, Any]) -> tuple[str, list[str]]:
        """Create the account's template, or update what differs. Return its id and the changed members."""
        existing = self._service.items("describe_replication_configuration_templates")
        if not existing:
            made = self._service.call("create_replication_configuration_template", **FOR_NEW, **wanted)
            return str(made["replicationConfigurationTemplateID"]), sorted(wanted)
        template = str(existing[0]["replicationConfigurationTemplateID"])
        differing = _compare(existing[0], wanted)
        if differing:
            self._service.call(
                "update_replication_configuration_template", replicationConfigurationTemplateID=template, **differing
            )
        return template, sorted(differing)

    def _compare_server(self, server: Server, wanted: Mapping[str, Any]) -> dict[str, Any]:
        """Return the members of the server's configuration that differ. StepFailed when the encryption key is one of them."""
        server_id = str(server["sourceServerID"])
        current = self._service.call("get_replication_configuration", sourceServerID=server_id)
        differing = _compare(current, wanted)
        if any(member in differing for member in ENCRYPTION):
            has = current.get("ebsEncryptionKeyArn") or "the account's default key"
            raise StepFailed(
                f"its staging disks are encrypted with {has}, the settings name {wanted.get('ebsEncryptionKeyArn') or 'no key'}: "
                "MGN would copy all data again",
                machine=list_names(server)[0],
                next_action="set ebs_encryption_key_arn in migration.toml to the present key, or disconnect the server and install its agent again",
            )
        return differing


def is_without_replication(server: Server) -> bool:
    """Return whether the server's agent was installed without replication. One that an operator has stopped is none of these."""
    replication: Mapping[str, Any] = server.get("dataReplicationInfo") or {}
    begun = (server.get("lifeCycle") or {}).get("firstByteDateTime")
    begun = begun or (replication.get("dataReplicationInitiation") or {}).get("startDateTime")
    return replication.get("dataReplicationState") == "STOPPED" and not begun


def _compare(current: Mapping[str, Any], wanted: Mapping[str, Any]) -> dict[str, Any]:
    """Return the wanted members that differ. The order of security groups has no meaning."""
    return {
        key: value for key, value in wanted.items() if _make_comparable(current.get(key)) != _make_comparable(value)
    }


def _make_comparable(value: Any) -> Any:
    return sorted(value) if isinstance(value, list) else value
