"""The site runs on without what moved it: a client writes while the machinery and the source are destroyed, a server
dies, and a deploy replaces all servers.

The tests need a migrated site, and each continues where the former ended. `make scenarios` runs them last: nothing
resets the world afterwards.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from tests.rehearsal.scenarios.deploys import request_run
from tests.rehearsal.scenarios.fault_injection import wait_for
from tests.rehearsal.scenarios.stage import Stage

pytestmark = [pytest.mark.rehearsal, pytest.mark.timeout(1200)]
TEMPORARY = ("MigrationStack", "TestLaunchStack", "ReplicationStack", "SourceStack")
PERMANENT = {"DataStack", "ServersStack"}
WRITES, WRITE_SECONDS, REPLACE_SECONDS = 10, 120.0, 300.0
OTHER_TYPE = "t3.large"


def list_stacks(stage: Stage) -> set[str]:
    """Return the names of the app's stacks that exist."""
    found = stage.aws.make_client("cloudformation").describe_stacks()["Stacks"]
    return {one["StackName"] for one in found if one["StackName"].endswith("Stack")}


def list_servers(stage: Stage) -> dict[str, Mapping[str, Any]]:
    """Return the servers of the site that are in service, by id."""
    (group,) = stage.aws.make_client("autoscaling").describe_auto_scaling_groups()["AutoScalingGroups"]
    return {one["InstanceId"]: one for one in group["Instances"] if one["LifecycleState"] == "InService"}


def are_all_healthy(stage: Stage) -> bool:
    """Return whether each load balancer sends traffic to two servers, and to no other."""
    balancing = stage.aws.make_client("elbv2")
    servers = list_servers(stage).keys()
    for group in balancing.describe_target_groups()["TargetGroups"]:
        found = balancing.describe_target_health(TargetGroupArn=group["TargetGroupArn"])["TargetHealthDescriptions"]
        if {one["Target"]["Id"] for one in found if one["TargetHealth"]["State"] == "healthy"} != {*servers}:
            return False
    return len(servers) == 2


def require_writes(stage: Stage) -> None:
    """Require that the site takes writes now."""
    stage.writers.wait_for_writes(WRITES, WRITE_SECONDS, lambda _text: None)


def test_the_site_runs_on_when_its_machinery_and_its_source_are_destroyed(stage: Stage) -> None:
    # Given a migrated site with a client that writes
    if stage.get_run_record().get("decision") != "commit":
        request_run(stage, "permanent")
        stage.job.migrate()
    stage.stop_writing()  # a client of the tests before
    stage.start_writing()
    servers = list_servers(stage).keys()
    # When the user destroys everything that moved it, and the source
    for stack in TEMPORARY:
        stage.job.destroy(stack)
        require_writes(stage)
    # Then the stacks of the site remain, with the same servers, and no other machine of the product runs
    assert list_stacks(stage) == PERMANENT
    assert list_servers(stage).keys() == servers
    assert {*stage.list_running_machines().values()} <= {"target", "rds"}


def test_a_server_that_dies_is_replaced_by_one_that_serves(stage: Stage) -> None:
    # Given two servers, whose migration is gone
    assert list_stacks(stage) == PERMANENT
    before = list_servers(stage)
    # When one loses its power
    victim = stage.cut_power("target")
    assert victim in before
    # Then a new one starts from the same image, reads its secrets and serves
    wait_for(
        "a healthy replacement", REPLACE_SECONDS, lambda: victim not in list_servers(stage) and are_all_healthy(stage)
    )
    assert len(list_servers(stage).keys() - before.keys()) == 1
    require_writes(stage)


def test_a_deploy_of_the_servers_changes_their_type_without_a_lost_write(stage: Stage) -> None:
    # Given the settings with another instance type
    before = list_servers(stage)
    file = stage.settings.home / "migration.toml"
    file.write_text(f'{file.read_text()}\n[target]\ninstance_type = "{OTHER_TYPE}"\n')
    # When the user deploys the servers, while the client writes
    stage.job.deploy("ServersStack")
    # Then every server is a new one of this type, and no stack of the machinery was deployed again
    wait_for("two healthy servers", REPLACE_SECONDS, lambda: are_all_healthy(stage))
    servers = list_servers(stage)
    assert not servers.keys() & before.keys()
    assert {one["InstanceType"] for one in servers.values()} == {OTHER_TYPE}
    assert list_stacks(stage) == PERMANENT
    require_writes(stage)


def test_no_write_was_lost_meanwhile(stage: Stage) -> None:
    stage.stop_writing()
    found = stage.writers.check()
    assert found["acknowledged_writes"] > WRITES
    assert found["lost"] == []
