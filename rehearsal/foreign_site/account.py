"""Prepare the account of AWS as the owner of an existing site does it (docs/your-own-site.md): gateway, role, activation, secrets, names."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from rehearsal.foreign_site import facts
from rehearsal.foreign_site.installation import Passwords
from rehearsal.foreign_site.shapes import Shape
from rehearsal.job.aws import Aws
from rehearsal.settings import ACCOUNT, REGION

ROLE = "ForgeNodes"
REPLICATION_USER = "dms_reader"
SECRETS = {kind: f"forge/{kind}" for kind in ("application", "replication", "site")}
ADMINISTRATOR_SECRET = "forge/database-administrator"
_SECRET_ACTIONS = [f"secretsmanager:{action}" for action in ("DescribeSecret", "GetSecretValue", "PutSecretValue")]


@dataclass(frozen=True)
class Activation:
    """What SSM Agent registers the server with."""

    id: str
    code: str


def create_activation(aws: Aws, policies: Iterable[str] = ()) -> Activation:
    """Create the role of the hybrid nodes, with these managed policies too, and an activation for one server."""
    iam = aws.make_client("iam")
    trust = {"Effect": "Allow", "Principal": {"Service": "ssm.amazonaws.com"}, "Action": "sts:AssumeRole"}
    document = {"Version": "2012-10-17", "Statement": [trust]}
    iam.create_role(RoleName=ROLE, AssumeRolePolicyDocument=json.dumps(document))
    for policy in ("AmazonSSMManagedInstanceCore", *policies):
        iam.attach_role_policy(RoleName=ROLE, PolicyArn=f"arn:aws:iam::aws:policy/{policy}")
    secrets = {
        "Effect": "Allow",
        "Action": _SECRET_ACTIONS,
        "Resource": f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:*",
    }
    iam.put_role_policy(
        RoleName=ROLE, PolicyName="Secrets", PolicyDocument=json.dumps({**document, "Statement": [secrets]})
    )
    made = aws.make_client("ssm").create_activation(IamRole=ROLE, DefaultInstanceName=facts.SERVER, RegistrationLimit=1)
    return Activation(made["ActivationId"], made["ActivationCode"])


def find_node(aws: Aws, activation: Activation) -> str:
    """Return the id of the node that was registered with the activation; empty when there is none that is online."""
    wanted = [
        {"Key": "ActivationIds", "Values": [activation.id]},
        {"Key": "PingStatus", "Values": ["Online"]},
    ]
    found = aws.make_client("ssm").describe_instance_information(Filters=wanted)["InstanceInformationList"]
    return str(found[0]["InstanceId"]) if found else ""


def create_gateway(aws: Aws) -> str:
    """Create a transit gateway with a static VPN to the router of the site; return its id."""
    ec2 = aws.make_client("ec2")
    gateway: dict[str, Any] = ec2.create_transit_gateway(Description="joins the data centre")["TransitGateway"]
    customer = ec2.create_customer_gateway(Type="ipsec.1", BgpAsn=65000, IpAddress=facts.ROUTER_IP)["CustomerGateway"]
    connection = ec2.create_vpn_connection(
        Type="ipsec.1",
        CustomerGatewayId=customer["CustomerGatewayId"],
        TransitGatewayId=gateway["TransitGatewayId"],
        Options={"StaticRoutesOnly": True},
    )["VpnConnection"]
    wanted = [{"Name": "resource-id", "Values": [connection["VpnConnectionId"]]}]
    (attachment,) = ec2.describe_transit_gateway_attachments(Filters=wanted)["TransitGatewayAttachments"]
    ec2.create_transit_gateway_route(
        DestinationCidrBlock=facts.NETWORK_CIDR,
        TransitGatewayRouteTableId=gateway["Options"]["AssociationDefaultRouteTableId"],
        TransitGatewayAttachmentId=attachment["TransitGatewayAttachmentId"],
    )
    return str(gateway["TransitGatewayId"])


def create_names(aws: Aws, shape: Shape) -> None:
    """Create the public zone with the records of the site, and of its managed database."""
    addresses = dict.fromkeys((facts.DNS, facts.SSH_DNS), facts.SERVER_PUBLIC_IP)
    if shape.is_managed:
        addresses[facts.DATABASE_HOST] = facts.DATABASE_IP
    route53 = aws.make_client("route53")
    zone = route53.create_hosted_zone(Name=facts.ZONE, CallerReference="forge")["HostedZone"]["Id"]
    changes = [
        {
            "Action": "CREATE",
            "ResourceRecordSet": {
                "Name": name,
                "Type": "A",
                "TTL": 60,
                "ResourceRecords": [{"Value": address}],
            },
        }
        for name, address in addresses.items()
    ]
    route53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": changes})


def create_certificate(aws: Aws) -> str:
    """Create a certificate for the public name, which the target's load balancer shows; return its ARN."""
    made = aws.make_client("acm").request_certificate(DomainName=facts.DNS, ValidationMethod="DNS")
    return str(made["CertificateArn"])


def find_zone(aws: Aws) -> str:
    """Return the id of the zone that `create_names` made."""
    zones = aws.make_client("route53").list_hosted_zones()["HostedZones"]
    return next(str(one["Id"]).rpartition("/")[2] for one in zones if one["Name"].rstrip(".") == facts.ZONE)


def create_secrets(aws: Aws, passwords: Passwords, shape: Shape) -> None:
    """Create the three secrets of an existing source, and that of the administrator of its managed database."""
    replication = {"username": REPLICATION_USER, "password": passwords.replication}
    host = facts.DATABASE_HOST if shape.is_managed else facts.SERVER_IP
    values = {
        "application": {"username": shape.database_user, "password": passwords.database},
        "replication": {**replication, "host": host, "port": facts.DATABASE_PORT},
        "site": {"SECRET_KEY": passwords.secret_key},
    }
    client = aws.make_client("secretsmanager")
    for kind, value in values.items():
        client.create_secret(Name=SECRETS[kind], SecretString=json.dumps(value))
    if shape.is_managed:
        administrator = {"username": facts.DATABASE_ADMINISTRATOR, "password": passwords.database_administrator}
        client.create_secret(Name=ADMINISTRATOR_SECRET, SecretString=json.dumps(administrator))
