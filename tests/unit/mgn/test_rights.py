"""The rights of a launch are tested before it, and all that are missing are named at once."""

from __future__ import annotations

from common.clients.mgn import Mgn

from tests.unit.mgn.conftest import Stage


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
