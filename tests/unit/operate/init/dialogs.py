"""Run `cutover init` with the input of a test, in an account of fakes."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

from botocore.exceptions import ClientError
from click.testing import CliRunner, Result

from operate.cli import group

APP, DATABASE, HYBRID = "i-0a1b2c3d4e5f60718", "i-0f1e2d3c4b5a69788", "mi-0a1b2c3d4e5f60718"
CERTIFICATE = "arn:aws:acm:us-east-1:111122223333:certificate/12345678-1234-1234-1234-123456789012"
ROUTED = ["", "", "git.example.org", "", "", "", "", HYBRID, "Hybrid", "", "192.168.7.0/24", "tgw-0123456789abcdef0"]
"""the input up to the question for the private address"""


def paged(key: str, values: list[Any]) -> SimpleNamespace:
    return SimpleNamespace(paginate=lambda **_: [{key: values}])


def create_ec2() -> Any:
    def describe_instances(*, InstanceIds: list[str]) -> Any:  # noqa: N803
        instance = {
            "VpcId": "vpc-0123456789abcdef0", "SubnetId": "subnet-1", "SecurityGroups": [{"GroupId": f"sg-0123456789abcdef{int(InstanceIds[0] == APP)}"}],
            "IamInstanceProfile": {"Arn": "arn:aws:iam::111122223333:instance-profile/P"},
        }  # fmt: skip
        return {"Reservations": [{"Instances": [instance]}]}

    return SimpleNamespace(
        describe_instances=describe_instances,
        describe_vpcs=lambda **_: {"Vpcs": [{"CidrBlock": "172.31.0.0/16"}]},
        describe_route_tables=lambda **_: {"RouteTables": [{"RouteTableId": "rtb-0123456789abcdef0"}]},
    )


def create_client(service: str) -> Any:
    zones = [{"Name": "example.com.", "Id": "/hostedzone/Z0123456789ABCDEFGHIJ", "Config": {"PrivateZone": False}}]
    nodes = [{"InstanceId": one, "PingStatus": "Online", "ComputerName": "host"} for one in (APP, DATABASE, HYBRID)]
    certificates = [{"CertificateArn": CERTIFICATE, "DomainName": "git.example.com"}]
    clients = {
        "sts": SimpleNamespace(get_caller_identity=lambda: {"Arn": "arn:aws:iam::111122223333:user/alice"}),
        "route53": SimpleNamespace(get_paginator=lambda _: paged("HostedZones", zones)),
        "acm": SimpleNamespace(get_paginator=lambda _: paged("CertificateSummaryList", certificates)),
        "ssm": SimpleNamespace(get_paginator=lambda _: paged("InstanceInformationList", nodes)),
        "ec2": create_ec2(),
        "iam": SimpleNamespace(
            get_instance_profile=lambda **_: {"InstanceProfile": {"Roles": [{"RoleName": "Server"}]}}
        ),
    }
    if service not in clients:
        raise ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "Call")
    return clients[service]


def run(path: Path, *answers: str) -> Result:
    from operate.app import App

    return CliRunner().invoke(
        group, ["--config", str(path), "init"], input="\n".join(answers) + "\n", obj=App(config=path)
    )
