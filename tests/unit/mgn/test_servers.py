"""Which source server the settings name: by tag, user-provided id, host name, domain name, instance id or server id."""

from __future__ import annotations

import pytest
from common.clients.mgn import Mgn
from common.errors import Missing, StepFailed

from tests.unit.mgn.conftest import Stage


@pytest.mark.parametrize(
    ("member", "value", "name"),
    [
        ("tags", {"Name": "shop"}, "shop"),
        ("userProvidedID", "shop", "shop"),
        ("sourceProperties", {"identificationHints": {"hostname": "shop"}}, "shop"),
        ("sourceProperties", {"identificationHints": {"fqdn": "shop"}}, "shop"),
        ("sourceProperties", {"identificationHints": {"awsInstanceID": "i-0123456789abcdef0"}}, "i-0123456789abcdef0"),
    ],
)
def test_a_server_is_found_by_each_of_its_names(
    stage: Stage, client: Mgn, member: str, value: object, name: str
) -> None:
    server_id = stage.mgn.add_server("other", number=7)
    stage.mgn.servers[server_id][member] = value

    found = client.find_source_server(name)

    assert (found.source_server_id, found.name) == (server_id, name)


def test_a_server_is_found_by_its_id(stage: Stage, client: Mgn) -> None:
    assert client.find_source_server(stage.server_id).source_server_id == stage.server_id


def test_a_server_without_any_hint_does_not_disturb_the_search(stage: Stage, client: Mgn) -> None:
    imported = stage.mgn.add_server(number=5)
    for member in ("sourceProperties", "tags", "lifeCycle"):
        del stage.mgn.servers[imported][member]

    assert client.find_source_server("gogs").source_server_id == stage.server_id


@pytest.mark.parametrize("state", ["DISCONNECTED", "CUTOVER"])
def test_a_server_that_was_onboarded_again_is_found_under_its_new_id(stage: Stage, client: Mgn, state: str) -> None:
    stage.state = state
    new = stage.mgn.add_server(number=2)

    assert client.find_source_server("gogs").source_server_id == new


def test_an_archived_server_is_not_found(stage: Stage, client: Mgn) -> None:
    stage.mgn.servers[stage.server_id]["isArchived"] = True

    with pytest.raises(StepFailed, match="no source server of this name in region eu-west-1; it has: none"):
        client.find_source_server("gogs")


def test_a_name_whose_servers_have_all_ended_is_reported_with_their_states(stage: Stage, client: Mgn) -> None:
    stage.state = "CUTOVER"

    with pytest.raises(
        StepFailed, match=rf"archived, disconnected or cut over: {stage.server_id} \(CUTOVER\)"
    ) as caught:
        client.find_source_server("gogs")
    assert "install the agent" in caught.value.next_action


def test_two_replicated_servers_of_one_name_are_both_named(stage: Stage, client: Mgn) -> None:
    second = stage.mgn.add_server(number=2)

    with pytest.raises(StepFailed, match=f"2 source servers have this name: {stage.server_id} .*{second}"):
        client.find_source_server("gogs")


def test_an_unknown_name_is_reported_with_the_known_ones_of_all_pages(stage: Stage, client: Mgn) -> None:
    for number in range(2, 6):
        stage.mgn.add_server(f"app-{number}", number=number)

    with pytest.raises(StepFailed, match="it has: app-2, app-3, app-4, app-5, gogs"):
        client.find_source_server("shop")


def test_a_server_that_is_gone_is_reported_with_its_region(client: Mgn) -> None:
    with pytest.raises(Missing, match="no source server s-00000000000000009 in region eu-west-1"):
        client.check_readiness("s-00000000000000009", tested=False)
