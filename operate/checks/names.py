"""Names that can exist once in an account: a stack that creates one fails, late, if it exists already."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError
from common.clients.aws import get_error_code, translate_aws_errors
from common.errors import StepFailed
from common.site_parameters import build_runs_table_name

from operate.checks.clients import CheckClients
from operate.checks.finding import Finding, found_ok, found_problem, try_check

if TYPE_CHECKING:
    from settings import Settings

AREA = "account"
ACCOUNT_ROLES = ("dms-vpc-role", "dms-cloudwatch-logs-role")
"""of replication.dms_roles, whose import would start the CDK"""
ABSENT = frozenset({"NoSuchEntity", "ResourceNotFoundException"})


def check_names(site: CheckClients, settings: Settings) -> list[Finding]:
    """Return whether names that a stack will create are free, and those exist that none will create. A stack that exists has its own."""
    found: list[Finding] = []
    if not site.list_resources_of("ReplicationStack"):
        wanted = not settings.replication.create_dms_roles
        found += try_check(AREA, lambda: _check_dms_roles(site, wanted=wanted), what="the roles of DMS")
    if not site.list_resources_of("DataStack"):
        found += try_check(AREA, lambda: _check_runs_table(site), what="the table of the run record")
    return found


def _check_dms_roles(site: CheckClients, *, wanted: bool) -> list[Finding]:
    read = site.get_client("iam").get_role
    present = [name for name in ACCOUNT_ROLES if _exists(partial(read, RoleName=name), "iam:GetRole")]
    absent = [name for name in ACCOUNT_ROLES if name not in present]
    if wanted and absent:
        return [
            found_problem(
                AREA,
                f"create_dms_roles is false, but the account has no role {' and no role '.join(absent)}",
                "create the roles (AWS DMS user guide, Creating the IAM roles), or remove create_dms_roles from migration.toml",
            )
        ]
    if not wanted and present:
        return [
            found_problem(
                AREA,
                f"the account has the role {' and the role '.join(present)}, so that ReplicationStack cannot create it",
                "set create_dms_roles = false in [replication] of migration.toml"
                + (f", and create {' and '.join(absent)}" if absent else ""),
            )
        ]
    return [found_ok(AREA, "the roles of DMS exist" if wanted else "ReplicationStack can create the roles of DMS")]


def _check_runs_table(site: CheckClients) -> list[Finding]:
    table, client = build_runs_table_name(site.name), site.get_client("dynamodb")
    if _exists(lambda: client.describe_table(TableName=table), "dynamodb:DescribeTable"):
        return [
            found_problem(
                AREA,
                f"the table {table} exists, but no DataStack: a site of this name was here, and its record was kept",
                f"choose another site.name, or, if nobody needs that site: aws dynamodb delete-table --table-name {table}",
            )
        ]
    return [found_ok(AREA, f"the name {table} is free")]


def _exists(call: Callable[[], Any], action: str) -> bool:
    try:
        with translate_aws_errors(action):
            call()
    except StepFailed as failed:
        if isinstance(failed.__cause__, ClientError) and get_error_code(failed.__cause__) in ABSENT:
            return False
        raise
    return True
