"""The rights of a launch are tested before it, and all that are missing are named at once."""

from __future__ import annotations

import json

import pytest
from common.clients.mgn import Mgn
from common.clients.provider import JobStatus

from tests.unit.mgn.conftest import PLACE, TAGS, Stage


def look(stage: Stage, client: Mgn) -> tuple[str, str]:
    readiness = client.check_readiness(stage.server_id, tested=False)
    return "; ".join(readiness.blocked), readiness.facts["rights_of_a_launch"]


def test_the_managed_policy_by_its_name_is_enough_for_a_launch(stage: Stage, client: Mgn) -> None:
    stage.iam.not_allowed = ("ec2:RunInstances on *", "ec2:CreateVolume on *")
    assert look(stage, client) == ("", "complete")


def test_an_equal_set_of_rights_is_enough(stage: Stage, client: Mgn) -> None:
    stage.iam.attached = []
    assert look(stage, client) == ("", "complete")


def test_all_missing_rights_are_named_at_once(stage: Stage, client: Mgn) -> None:
    stage.iam.attached = []
    stage.iam.not_allowed = ("ec2:CreateTags on *network-interface/*", "ec2:RunInstances on *", "mgn:StartCutover on *")

    blocked, tried = look(stage, client)

    assert blocked == (
        f"the function's role lacks rights of a launch: mgn:StartCutover on source-server/{stage.server_id}, "
        "ec2:RunInstances on instance/*, ec2:CreateTags on network-interface/*"
    )
    assert tried == ""


def test_the_role_of_the_replica_must_be_passable(stage: Stage, client: Mgn) -> None:
    stage.iam.not_allowed = ("iam:PassRole on *role/Replica",)
    assert look(stage, client)[0].endswith("iam:PassRole on role/Replica")


def test_a_test_that_may_not_be_made_is_not_passed(stage: Stage, client: Mgn) -> None:
    stage.iam.refused.add("SimulatePrincipalPolicy")

    blocked, tried = look(stage, client)

    assert blocked == ""
    assert tried.startswith("not checked: iam:SimulatePrincipalPolicy: AccessDenied")


@pytest.mark.parametrize("configured", ["document", "action"])
def test_post_launch_actions_need_rights_of_their_own_which_are_named_at_once(
    stage: Stage, client: Mgn, configured: str
) -> None:
    stage.iam.not_allowed = (
        "ssm:SendCommand on *",
        "ssm:PutParameter on *",
        "iam:PassRole on *LaunchInstanceWithSsmRole",
    )
    assert look(stage, client) == ("", "complete")  # none is configured
    if configured == "document":
        actions = {"deployment": "TEST_AND_CUTOVER", "ssmDocuments": [{"actionName": "x", "ssmDocumentName": "x"}]}
        stage.mgn.launch_configurations[stage.server_id]["postLaunchActions"] = actions
    else:
        stage.mgn.actions[stage.server_id] = [{"actionID": "x", "active": True}]

    blocked, _ = look(stage, client)

    assert blocked.partition(": ")[2] == (
        "ssm:SendCommand on *, ssm:PutParameter on parameter/ManagedByAWSApplicationMigrationService-*, "
        "iam:PassRole on role/service-role/AWSApplicationMigrationLaunchInstanceWithSsmRole"
    )


def test_an_action_that_is_switched_off_needs_no_rights(stage: Stage, client: Mgn) -> None:
    stage.iam.not_allowed = ("ssm:* on *",)
    stage.mgn.actions[stage.server_id] = [{"actionID": "x", "active": False}]
    assert look(stage, client) == ("", "complete")


ENCODED = (
    "An error occurred (UnauthorizedOperation): You are not authorized. Encoded authorization failure message: "
    + "Ab-_" * 300
)


def fail_launch(stage: Stage, client: Mgn) -> str:
    """The last words of a launch that EC2 has denied."""
    client.prepare_launch(stage.server_id, launch_settings=PLACE, tags=TAGS)
    job = client.launch(stage.server_id, "TEST", since=stage.since)
    stage.mgn.denial = ENCODED
    stage.mgn.end(job)
    found = client.read_job(job)
    assert found.status is JobStatus.FAILED
    return next(line for line in found.log if line.startswith("LAUNCH_FAILED"))


def test_the_action_that_ec2_has_denied_is_decoded(stage: Stage, client: Mgn) -> None:
    context = {"action": "ec2:CreateTags", "resource": "arn:aws:ec2:eu-west-1:111122223333:network-interface/*"}
    stage.sts.decoded = json.dumps({"allowed": False, "explicitDeny": False, "context": context})

    line = fail_launch(stage, client)

    assert line.endswith(
        "denied ec2:CreateTags on arn:aws:ec2:eu-west-1:111122223333:network-interface/*: no policy that allows it (attempt 1 of 3)"
    )
    assert "Ab-_" not in line


def test_an_explicit_deny_is_named_as_such(stage: Stage, client: Mgn) -> None:
    stage.sts.decoded = json.dumps({"explicitDeny": True, "context": {"action": "ec2:RunInstances", "resource": "*"}})
    assert "denied ec2:RunInstances on *: an explicit deny" in fail_launch(stage, client)


def test_a_denial_that_cannot_be_decoded_names_the_right_for_it_and_stays_short(stage: Stage, client: Mgn) -> None:
    line = fail_launch(stage, client)
    assert "cannot be decoded (sts:DecodeAuthorizationMessage: AccessDenied" in line
    assert len(line) < 600
