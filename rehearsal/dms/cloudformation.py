"""AWS::DMS::ReplicationSubnetGroup, ReplicationInstance, Certificate, Endpoint, ReplicationTask.

A task is made and left at `ready`: CloudFormation never starts one. It must be at rest to be changed or deleted.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from botocore import xform_name

from rehearsal.aws.clients import ignore_missing
from rehearsal.aws.cloudformation.properties import convert_properties, find_changed
from rehearsal.aws.exceptions import NotEmulated
from rehearsal.aws.registry import Properties, Registry, Resource
from rehearsal.dms.models import make_resource_id
from rehearsal.dms.service import Dms

_RENAMED = {"MySqlSettings": "MySQLSettings"}
"""Properties whose name in a template is not that of the API."""


@dataclass(frozen=True)
class Kind:
    """One resource type.

    `key`: the response's member; `shown`: what Ref gives; `replaced`: properties whose change needs a new resource (AWS
    CloudFormation resource reference).
    """

    name: str
    noun: str
    identifier: str
    key: str
    shown: str
    replaced: Collection[str]
    attributes: Callable[[Mapping[str, Any]], dict[str, Any]] = lambda _: {}
    verb: str = "Create"
    """of the action that creates it"""
    has_tags: bool = True

    @property
    def type(self) -> str:
        """Return the name of the type."""
        return f"AWS::DMS::{self.name}"


def _format_addresses(found: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "ReplicationInstancePrivateIpAddresses": ",".join(found["ReplicationInstancePrivateIpAddresses"]),
        "ReplicationInstancePublicIpAddresses": ",".join(found["ReplicationInstancePublicIpAddresses"]),
    }


KINDS = (
    Kind(
        "ReplicationSubnetGroup",
        "ReplicationSubnetGroup",
        "ReplicationSubnetGroupIdentifier",
        "ReplicationSubnetGroup",
        "ReplicationSubnetGroupIdentifier",
        {"ReplicationSubnetGroupIdentifier"},
    ),
    Kind(
        "ReplicationInstance",
        "ReplicationInstance",
        "ReplicationInstanceIdentifier",
        "ReplicationInstance",
        "ReplicationInstanceArn",
        {
            "AvailabilityZone",
            "KmsKeyId",
            "PubliclyAccessible",
            "ReplicationSubnetGroupIdentifier",
            "ResourceIdentifier",
        },
        _format_addresses,
    ),
    Kind(
        "Certificate",
        "Certificate",
        "CertificateIdentifier",
        "Certificate",
        "CertificateArn",
        {"CertificateIdentifier", "CertificatePem", "CertificateWallet"},
        verb="Import",
        has_tags=False,
    ),
    Kind(
        "Endpoint",
        "Endpoint",
        "EndpointIdentifier",
        "Endpoint",
        "EndpointArn",
        {"KmsKeyId", "ResourceIdentifier", "EndpointType", "EngineName"},
    ),
    Kind(
        "ReplicationTask",
        "ReplicationTask",
        "ReplicationTaskIdentifier",
        "ReplicationTask",
        "ReplicationTaskArn",
        {"ReplicationInstanceArn", "ResourceIdentifier", "SourceEndpointArn", "TargetEndpointArn"},
    ),
)


class Types:
    """Registers the types; they are made through the same actions as everybody uses."""

    def __init__(self, registry: Registry, dms: Dms) -> None:
        self._registry, self._dms = registry, dms
        for kind in KINDS:
            registry.register_type(
                kind.type,
                create=self._make_creator(kind),
                update=self._make_updater(kind),
                delete=self._make_deleter(kind),
                tags=kind.has_tags,
            )

    def _make_creator(self, kind: Kind) -> Callable[[str, Properties, str], Resource]:
        def create(logical_id: str, properties: Properties, stack: str) -> Resource:
            name = self._registry.generate_physical_name(stack, logical_id, longest=63, lower=True)
            return self._create(kind, {kind.identifier: name, **properties})

        return create

    def _create(self, kind: Kind, properties: Properties) -> Resource:
        return self._format_resource(kind, self._call(f"{kind.verb}{kind.noun}", _convert_tags(properties))[kind.key])

    def _make_updater(self, kind: Kind) -> Callable[[str, Properties, Properties, str], Resource]:
        def update(physical_id: str, old: Properties, new: Properties, stack: str) -> Resource:
            different = find_changed(old, new)
            if different & set(kind.replaced):
                name = new.get(kind.identifier)
                if name and name != old.get(kind.identifier):
                    return self._create(kind, new)
                if name:
                    raise NotEmulated(
                        f"{kind.type}: a change of {', '.join(sorted(different & set(kind.replaced)))} replaces the resource,"
                        f" which needs another {kind.identifier}; this"
                    )
                return self._create(
                    kind, {**new, kind.identifier: f"{stack.lower()}-{make_resource_id().lower()[:12]}"}
                )
            reference = kind.identifier if kind.shown == kind.identifier else f"{kind.noun}Arn"
            modified = {key: value for key, value in new.items() if key not in kind.replaced and key != "Tags"}
            if different - {"Tags"}:
                found = self._call(f"Modify{kind.noun}", {**modified, reference: physical_id})[kind.key]
            else:
                found = self._describe(kind, physical_id)
            self._retag(kind, physical_id, old, new)
            return self._format_resource(kind, found)

        return update

    def _make_deleter(self, kind: Kind) -> Callable[[str, Properties], None]:
        reference = kind.identifier if kind.shown == kind.identifier else f"{kind.noun}Arn"

        def delete(physical_id: str, _properties: Properties) -> None:
            with ignore_missing("ResourceNotFoundFault"):
                self._call(f"Delete{kind.noun}", {reference: physical_id})

        return delete

    def _retag(self, kind: Kind, physical_id: str, old: Properties, new: Properties) -> None:
        if old.get("Tags") == new.get("Tags"):
            return
        arn = physical_id
        if kind.shown == kind.identifier:
            arn = self._dms.state.get_subnet_group(physical_id).arn
        gone = {tag["Key"] for tag in old.get("Tags", [])} - {tag["Key"] for tag in new.get("Tags", [])}
        self._call("RemoveTagsFromResource", {"ResourceArn": arn, "TagKeys": sorted(gone)})
        self._call("AddTagsToResource", {"ResourceArn": arn, **_convert_tags({"Tags": new.get("Tags", [])})})

    def _describe(self, kind: Kind, physical_id: str) -> Mapping[str, Any]:
        filters = {
            "ReplicationSubnetGroup": "replication-subnet-group-id",
            "ReplicationInstance": "replication-instance-arn",
            "Certificate": "certificate-arn",
            "Endpoint": "endpoint-arn",
            "ReplicationTask": "replication-task-arn",
        }
        wanted = [{"Name": filters[kind.name], "Values": [physical_id]}]
        found: Mapping[str, Any] = self._call(f"Describe{kind.noun}s", {"Filters": wanted})[f"{kind.key}s"][0]
        return found

    def _format_resource(self, kind: Kind, found: Mapping[str, Any]) -> Resource:
        return str(found[kind.shown]), kind.attributes(found)

    def _call(self, action: str, properties: Mapping[str, Any]) -> Mapping[str, Any]:
        """Call an action with the types that it requires. Raises NotEmulated for a property that the action would ignore."""
        renamed = {_RENAMED.get(key, key): value for key, value in properties.items() if value is not None}
        values = convert_properties("dms", action, renamed)
        function = self._dms.actions[action]
        known = function.__annotations__
        if extra := [name for name in values if xform_name(name) not in known]:
            raise NotEmulated(f"the property {extra[0]} of {action.removeprefix('Create')}")
        return function(**{xform_name(name): value for name, value in values.items()}) or {}


def _convert_tags(properties: Mapping[str, Any]) -> dict[str, Any]:
    tags = [{"Key": tag["Key"], "Value": str(tag["Value"])} for tag in properties.get("Tags", [])]
    return {**properties, "Tags": tags}
