"""The target's database is prepared by a command on the source's server."""

from __future__ import annotations

import pytest
from common.clients.machines import CommandResult
from common.errors import StepFailed

from tests.unit.custom_resource.preparation import FakeMachines, request, schema


def test_the_preparation_waits_for_a_booting_machine() -> None:
    assert schema(FakeMachines(deaf=3)).start(request("Create", {"InstanceId": "i-1"})).data == {"CommandId": "c-1"}


@pytest.mark.parametrize(("node", "options"), [("i-1", {}), ("mi-0a1b2c3d4e5f60718", {"site": "gogs"})])
def test_a_hybrid_node_checks_that_it_is_prepared_for_this_site(node: str, options: dict[str, str]) -> None:
    machines = FakeMachines()
    schema(machines).start(request("Create", {"InstanceId": node}))
    assert machines.options == options


def test_the_server_of_an_existing_source_checks_which_schema_is_replicated() -> None:
    machines = FakeMachines()
    schema(machines).start(request("Create", {"InstanceId": "i-1", "Schema": "forge"}))
    assert machines.options == {"primary-schema": "forge"}


def test_the_preparation_waits_for_the_schema_command() -> None:
    asked = request("Create", {"InstanceId": "i-1"}, data={"CommandId": "c-1"})

    assert not schema(FakeMachines()).check_progress(asked).complete
    assert schema(FakeMachines(result=CommandResult(ok=True, facts={"tables": 3}))).check_progress(asked).complete
    with pytest.raises(StepFailed, match="table differs"):
        schema(FakeMachines(result=CommandResult(ok=False, facts={"reason": "table differs"}))).check_progress(asked)


def test_deleting_the_schema_keeps_the_rows() -> None:
    delete = request("Delete", {"InstanceId": "i-1"})

    assert schema(FakeMachines(deaf=99)).start(delete).physical_id == "target-database"
    assert schema(FakeMachines()).check_progress(delete).complete
