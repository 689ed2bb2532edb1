"""The zone of the public names is not in Route 53: the run waits after its clean-up until somebody has moved them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import partial
from typing import Any

import pytest
from common.site_parameters import Target

from operate.formatting import format_status
from tests.unit.procedure.asl import Result
from tests.unit.procedure.conftest import build_definitions, run_machine
from tests.unit.procedure.world import World

OLD, BALANCER, OTHER = {"192.0.2.10"}, {"198.51.100.1", "198.51.100.2"}, {"198.51.100.9"}
DEADLINE = 52 * 60


class ElsewhereWorld(World):
    def read_target(self, given: Mapping[str, Any]) -> Target:
        return super().read_target({"hosted_zone_id": "", **given})

    def create_public_name(self, zone_id: str) -> Any:
        raise AssertionError(f"Route 53 was used for {zone_id!r}")


@pytest.fixture(scope="session")
def definitions() -> dict[str, Any]:
    return build_definitions(names_elsewhere=True)


@pytest.fixture
def world() -> World:
    world = ElsewhereWorld()
    world.ssh_dns_name = "ssh.git.example.com"
    world.addresses = {"alb": BALANCER, "nlb": OTHER, "git.example.com": OLD, "ssh.git.example.com": OLD}
    return world


def execute(world: World, definitions: dict[str, Any], **options: Any) -> Result:
    return partial(run_machine, world, definitions, "cutover")(**options)


def read(world: World, name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(world.files[f"runs/m1-cutover/{name}.json"])
    return found


def test_the_run_ends_when_each_name_leads_to_its_load_balancer(world: World, definitions: dict[str, Any]) -> None:
    waited: list[str] = []

    def observe(step: Any, outcome: str, facts: Mapping[str, Any]) -> None:
        if (step.name, outcome) == ("await-names", "pending"):
            waited.append(facts["waiting_for"])
            # The owner of the zone moves one name, then the other. One address of several is enough: resolvers rotate them.
            name = ("git.example.com", "ssh.git.example.com")[min(len(waited), 2) - 1]
            world.addresses[name] = {"198.51.100.2"} if name == "git.example.com" else OTHER

    result = execute(world, definitions, observe=observe)

    assert result.status == "SUCCEEDED"
    assert len(waited) == 2
    assert "records of git.example.com to be replaced by one CNAME record with the value alb" in waited[0]
    assert "the name leads to 192.0.2.10 now" in waited[0]
    assert "records of git.example.com" not in waited[1]
    assert "records of ssh.git.example.com to be replaced by one CNAME record with the value nlb" in waited[1]
    evidence = read(world, "31-await-names")
    assert evidence["facts"]["names"] == {"git.example.com": ["198.51.100.2"], "ssh.git.example.com": ["198.51.100.9"]}
    assert read(world, "26-point-name")["facts"]["elsewhere"] == {
        "git.example.com": "alb",
        "ssh.git.example.com": "nlb",
    }


def test_nothing_is_left_that_costs_money_while_the_run_waits(world: World, definitions: dict[str, Any]) -> None:
    done: list[str] = []

    def observe(step: Any, outcome: str, _facts: Mapping[str, Any]) -> None:
        if step.name == "await-names":
            assert "clean-up" in done
            world.addresses.update({"git.example.com": BALANCER, "ssh.git.example.com": OTHER})
        if outcome == "done":
            done.append(step.name)

    assert execute(world, definitions, observe=observe).status == "SUCCEEDED"
    assert done[-2:] == ["await-names", "finish"]


def test_a_name_that_is_not_moved_in_time_is_a_warning(world: World, definitions: dict[str, Any]) -> None:
    result = execute(world, definitions)

    assert result.status == "SUCCEEDED"
    (warning,) = read(world, "outputs")["warnings"]
    assert "CNAME record with the value alb" in warning
    assert "CNAME record with the value nlb" in warning
    assert "the source forwards to the target until then" in warning
    assert any(line.startswith("forward on") for line in world.action_log)


def test_the_run_ends_before_the_deploy_gives_up(world: World, definitions: dict[str, Any]) -> None:
    deadline = world.clock.now() + DEADLINE
    late: list[float] = []

    def slow(step: str) -> None:
        if step == "tidy" and not late:
            late.append(deadline - 30 - world.clock.now())
            world.clock.sleep(late[0])

    result = execute(world, definitions, before=slow, deadline=deadline)

    assert result.status == "SUCCEEDED"
    assert world.clock.now() < deadline + 60
    (warning,) = read(world, "outputs")["warnings"]
    assert "the deploy gives up soon" in warning
    assert "value alb" in warning


def test_a_name_without_an_address_is_a_warning_before_the_cutover(world: World, definitions: dict[str, Any]) -> None:
    del world.addresses["ssh.git.example.com"]
    execute(world, definitions)

    assert read(world, "outputs")["warnings"][0].startswith("ssh.git.example.com has no address: check the name")
    assert read(world, "02-preflight")["facts"]["permissions"]["public_names"]["git.example.com"] == ["192.0.2.10"]


def test_the_operator_sees_what_to_change_while_the_run_waits(world: World, definitions: dict[str, Any]) -> None:
    seen: list[str] = []

    def look(step: str) -> None:
        if step == "await-names":
            seen.append("\n".join(format_status("gogs", world.runs.read(), "RUNNING", world.clock.now())))
            if len(seen) == 2:
                world.addresses.update({"git.example.com": BALANCER, "ssh.git.example.com": OTHER})

    execute(world, definitions, before=look)

    assert "waits for" not in seen[0]
    assert "waits for  the A, AAAA and CNAME records of git.example.com to be replaced" in seen[1]
    assert world.runs.read().waiting_for == ""
