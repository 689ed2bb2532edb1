"""The permissions of the operator, as IAM simulates them. The stacks grant the functions what a run needs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from common.clients.aws import translate_aws_errors
from common.errors import StepFailed
from common.site_parameters import build_runs_table_name

from operate.checks.clients import CheckClients
from operate.checks.finding import Finding, found_ok, found_problem

AREA = "permissions"
ALLOWED = "allowed"
USES: Mapping[str, tuple[str, ...]] = {
    "look (`cutover status`, `plan`)": (
        "cloudformation:ListStackResources",
        "cloudwatch:GetMetricStatistics",
        "dms:DescribeReplicationTasks",
        "dynamodb:GetItem",
        "pricing:GetProducts",
        "s3:GetObject",
        "s3:ListBucket",
        "ssm:GetParameter",
        "states:DescribeExecution",
    ),
    "decide (`cutover go`, `hold`, `rollback`)": ("dynamodb:UpdateItem", "states:StartExecution"),
    "deploy (`npx cdk deploy`)": ("sts:AssumeRole",),
    "clean up (`cutover clean-up --yes`)": (
        "ec2:DeleteLaunchTemplate",
        "ec2:DeleteSnapshot",
        "ec2:DeleteVolume",
        "ec2:DeregisterImage",
        "ec2:DescribeImages",
        "ec2:DescribeInstances",
        "ec2:TerminateInstances",
    ),
}
"""actions by what the operator does with them"""
MANAGED = "AWSApplicationMigrationServiceManaged"


def check_permissions(site: CheckClients) -> list[Finding]:
    """Return for each use whether the caller may do it. StepFailed when IAM does not simulate for this caller."""
    caller = site.read_caller()
    if caller.endswith(":root"):
        return [found_ok(AREA, "the root user of the account may do everything")]
    principal = _find_principal(site, caller)
    return [_check_use(site, principal, use, actions) for use, actions in USES.items()]


def _find_principal(site: CheckClients, caller: str) -> str:
    """Return the ARN that IAM simulates for: of the user, or of the role whose session the caller is. The session's ARN has no path of the role."""
    if ":assumed-role/" not in caller:
        return caller
    role = caller.split("/")[1]
    with translate_aws_errors("iam:GetRole"):
        return str(site.get_client("iam").get_role(RoleName=role)["Role"]["Arn"])


def _check_use(site: CheckClients, principal: str, use: str, actions: tuple[str, ...]) -> Finding:
    _, partition, _, _, account, _ = principal.split(":", 5)
    resources = {
        "dynamodb": f"arn:{partition}:dynamodb:{site.region}:{account}:table/{build_runs_table_name(site.name)}",
        "sts": f"arn:{partition}:iam::{account}:role/cdk-hnb659fds-deploy-role-{account}-{site.region}",
    }
    # The runbook recommends to allow removals only for resources with these tags. IAM simulates without any tag otherwise, and denies.
    tags = {"cutover:site": site.name, MANAGED: "mgn.amazonaws.com"}
    context = [
        {"ContextKeyName": f"{prefix}ResourceTag/{key}", "ContextKeyType": "string", "ContextKeyValues": [value]}
        for prefix in ("aws:", "ec2:")
        for key, value in tags.items()
    ]
    denied: list[str] = []
    for service in sorted({action.split(":")[0] for action in actions}):
        given: dict[str, Any] = {"ResourceArns": [resources[service]]} if service in resources else {}
        names = [action for action in actions if action.startswith(f"{service}:")]
        with translate_aws_errors("iam:SimulatePrincipalPolicy"):
            response = site.get_client("iam").simulate_principal_policy(
                PolicySourceArn=principal, ActionNames=names, ContextEntries=context, **given
            )
        results = {one["EvalActionName"]: one["EvalDecision"] for one in response["EvaluationResults"]}
        if missing := set(names) - set(results):
            raise StepFailed(
                f"iam:SimulatePrincipalPolicy returned nothing about {', '.join(sorted(missing))}",
                next_action="look at these actions in the policy simulator of IAM, or leave this area out with --skip",
            )
        denied += [name for name in names if results[name] != ALLOWED]
    if denied:
        return found_problem(
            AREA, f"{principal} may not {use}: {', '.join(denied)}", "ask the owner of the account for these actions"
        )
    return found_ok(AREA, f"{principal} may {use}")
