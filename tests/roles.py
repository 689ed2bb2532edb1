"""Roles and policies for tests of the local AWS."""

from __future__ import annotations

import json
from typing import Any

import boto3

from rehearsal.aws.clients import Clients
from rehearsal.settings import ACCOUNT, REGION, Settings


def statement(action: str, resource: str = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def policy(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def role_for(api: Clients, name: str, *services: str, allowed: tuple[dict[str, Any], ...] = ()) -> str:
    """ARN of a new role that these services, and the account itself, may take."""
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole"}
    trusted = [{**trust, "Principal": {"Service": service}} for service in services]
    trusted.append({**trust, "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}})
    made = api("iam").create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(policy(*trusted)))["Role"]["Arn"]
    if allowed:
        api("iam").put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=json.dumps(policy(*allowed)))
    return str(made)


def as_role(settings: Settings, role: str, service: Any, *, secret: str | None = None) -> Any:
    """A client with temporary credentials of the role, or with another secret key than theirs."""
    given = Clients(settings)("sts").assume_role(RoleArn=role, RoleSessionName="test")["Credentials"]
    session = boto3.Session(given["AccessKeyId"], secret or given["SecretAccessKey"], given["SessionToken"], REGION)
    return session.client(service, endpoint_url=settings.aws_url)
