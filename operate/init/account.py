"""Look around in the account: what a question can offer. Everything is best effort, because an answer may be typed as well."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from common.clients.aws import translate_aws_errors
from common.clients.providers import list_source_servers
from common.errors import CutoverError

T = TypeVar("T")
Clients = Callable[[str], Any]


@dataclass(frozen=True, kw_only=True)
class NodeFacts:
    """What EC2 knows of an instance. Empty for a hybrid node."""

    vpc_id: str = ""
    cidr: str = ""
    group_id: str = ""
    """its first security group"""
    role_name: str = ""
    route_table_ids: tuple[str, ...] = ()


@dataclass
class Account:
    """The account and region of the operator's credentials. `notes`: what could not be read."""

    get_client: Clients
    notes: list[str] = field(default_factory=list)
    _found: dict[tuple[str, str], Any] = field(default_factory=dict)
    """by action and argument: a dialog may ask some of its questions again"""

    def take_notes(self) -> list[str]:
        """Return the notes since the last call, each once."""
        notes, self.notes = list(dict.fromkeys(self.notes)), []
        return notes

    def read_caller(self) -> str:
        """Return the ARN of the caller. CutoverError without credentials: then nothing else can be looked up either."""
        with translate_aws_errors("sts:GetCallerIdentity"):
            return str(self.get_client("sts").get_caller_identity()["Arn"])

    def list_zones(self) -> dict[str, str]:
        """Return the public hosted zones: id by name."""
        return self._try("route53:ListHostedZones", self._read_zones, {})

    def list_certificates(self, dns_name: str) -> list[str]:
        """Return the ARNs of issued certificates for this name."""
        return self._try("acm:ListCertificates", lambda: self._read_certificates(dns_name), [], argument=dns_name)

    def list_nodes(self) -> dict[str, str]:
        """Return the managed nodes that are online: computer name by id."""
        return self._try("ssm:DescribeInstanceInformation", self._read_nodes, {})

    def list_servers(self, kind: str) -> list[str]:
        """Return the names of the servers that the provider replicates, as far as these credentials show them."""
        return self._try(
            "the provider's servers", lambda: list_source_servers(kind, self.get_client), [], argument=kind
        )

    def read_node(self, node_id: str) -> NodeFacts:
        """Return what EC2 knows of an instance."""
        if not node_id.startswith("i-"):
            return NodeFacts()
        return self._try("ec2:DescribeInstances", lambda: self._read_instance(node_id), NodeFacts(), argument=node_id)

    def _read_zones(self) -> dict[str, str]:
        pages = self.get_client("route53").get_paginator("list_hosted_zones").paginate()
        zones = [
            zone for page in pages for zone in page["HostedZones"] if not zone.get("Config", {}).get("PrivateZone")
        ]
        return {str(zone["Name"]).rstrip("."): str(zone["Id"]).removeprefix("/hostedzone/") for zone in zones}

    def _read_certificates(self, dns_name: str) -> list[str]:
        pages = self.get_client("acm").get_paginator("list_certificates").paginate(CertificateStatuses=["ISSUED"])
        names = {dns_name, f"*.{dns_name.partition('.')[2]}"}
        return [
            str(one["CertificateArn"])
            for page in pages
            for one in page["CertificateSummaryList"]
            if one.get("DomainName") in names
        ]

    def _read_nodes(self) -> dict[str, str]:
        pages = self.get_client("ssm").get_paginator("describe_instance_information").paginate()
        nodes = [
            node for page in pages for node in page["InstanceInformationList"] if node.get("PingStatus") == "Online"
        ]
        return {str(node["InstanceId"]): str(node.get("ComputerName", "")) for node in nodes}

    def _read_instance(self, node_id: str) -> NodeFacts:
        ec2 = self.get_client("ec2")
        (instance,) = [
            one for group in ec2.describe_instances(InstanceIds=[node_id])["Reservations"] for one in group["Instances"]
        ]
        vpc_id = str(instance.get("VpcId", ""))
        (vpc,) = ec2.describe_vpcs(VpcIds=[vpc_id])["Vpcs"]
        return NodeFacts(
            vpc_id=vpc_id,
            cidr=str(vpc["CidrBlock"]),
            group_id=str(next((one["GroupId"] for one in instance.get("SecurityGroups", [])), "")),
            role_name=self._try(
                "iam:GetInstanceProfile",
                lambda: self._read_role(instance),
                "",
                argument=str(instance.get("InstanceId", node_id)),
            ),
            route_table_ids=self._read_route_tables(ec2, str(instance.get("SubnetId", "")), vpc_id),
        )

    def _read_role(self, instance: dict[str, Any]) -> str:
        profile = str(instance.get("IamInstanceProfile", {}).get("Arn", "")).rpartition("/")[2]
        if not profile:
            return ""
        found = self.get_client("iam").get_instance_profile(InstanceProfileName=profile)
        return str(next((role["RoleName"] for role in found["InstanceProfile"]["Roles"]), ""))

    @staticmethod
    def _read_route_tables(ec2: Any, subnet_id: str, vpc_id: str) -> tuple[str, ...]:
        """Return the route table of a subnet: its own, else the main one of the VPC."""
        for filters in (
            [{"Name": "association.subnet-id", "Values": [subnet_id]}],
            [{"Name": "vpc-id", "Values": [vpc_id]}, {"Name": "association.main", "Values": ["true"]}],
        ):
            found = ec2.describe_route_tables(Filters=filters)["RouteTables"]
            if found:
                return tuple(str(table["RouteTableId"]) for table in found)
        return ()

    def _try(self, action: str, read: Callable[[], T], default: T, *, argument: str = "") -> T:
        """Return what `read` returns, at a later call for the same argument too. The default, and a note, when it fails."""
        if (action, argument) not in self._found:
            self._found[action, argument] = self._read(action, read, default)
        found: T = self._found[action, argument]
        return found

    def _read(self, action: str, read: Callable[[], T], default: T) -> T:
        try:
            with translate_aws_errors(action):
                return read()
        except CutoverError as error:
            self.notes.append(error.reason)
        except (KeyError, ValueError) as error:  # a response that is not as the service describes it
            self.notes.append(f"{action}: unexpected response ({error})")
        return default
