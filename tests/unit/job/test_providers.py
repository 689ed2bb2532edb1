"""The choice of the provider: settings that the product accepts, what an operator sets up, what the search for leaks gets."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from settings.load import Settings as ProductSettings

from rehearsal import demo, providers, settings
from rehearsal.checkpoint.provider import PARTS, find_part
from rehearsal.components import list_components
from rehearsal.demo_settings import SITE, render_migration_toml
from rehearsal.errors import RehearsalError
from rehearsal.gogs.archive import describe_release
from rehearsal.gogs.build import NAME
from rehearsal.job.rehearse import list_other_providers
from rehearsal.providers.cloudendure import CREDENTIALS_SECRET, TOKEN_SECRET
from rehearsal.settings import Settings
from tests.unit.docs.pages import ROOT

ACCOUNT = {
    "console_url": "http://127.0.0.1:4999",
    "username": "demo",
    "password": "a long password",
    "user_api_token": "a long token",
    "project_name": "Demo",
    "project_id": "1",
    "agent_installation_token": "AAAA-BBBB",
}


class FakeAws:
    """Records what an operator calls, in order."""

    def __init__(self, **responses: Any) -> None:
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self._responses = responses

    def make_client(self, service: str) -> FakeAws:
        del service
        return self

    def __getattr__(self, operation: str) -> Any:
        def call(**arguments: Any) -> Any:
            self.calls.append((operation, arguments))
            return self._responses.get(operation, {})

        return call


@pytest.fixture(params=settings.PROVIDERS)
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    """A world whose archive is there and whose console has made its account."""
    made = Settings.load(
        {"REHEARSAL_HOME": str(tmp_path), "REHEARSAL_PORT": "4998", "REHEARSAL_PROVIDER": str(request.param)}
    )
    made.downloads.mkdir()
    (made.downloads / NAME).write_bytes(b"an archive")
    (tmp_path / "cloudendure").mkdir()
    (tmp_path / "cloudendure/credentials.json").write_text(json.dumps(ACCOUNT))
    (tmp_path / "migration.toml").write_text(render_migration_toml(made, release=describe_release(made)))
    return made


def of_kind(kind: str, tmp_path: Path) -> Settings:
    return Settings.load({"REHEARSAL_HOME": str(tmp_path), "REHEARSAL_PROVIDER": kind})


def test_every_kind_of_the_settings_has_a_provider() -> None:
    assert tuple(providers.PROVIDERS) == settings.PROVIDERS


def test_a_checkpoint_has_a_part_for_every_provider(world: Settings) -> None:
    assert PARTS.keys() == providers.PROVIDERS.keys()
    assert find_part(world) is PARTS[world.provider]


def test_only_the_processes_of_the_chosen_provider_are_started(world: Settings) -> None:
    names = [one.name for one in list_components(world)]
    assert names == (["aws", "cloudendure"] if world.provider == "cloudendure" else ["aws"])


def test_a_new_world_has_the_processes_of_the_provider_that_it_is_started_with(tmp_path: Path) -> None:
    assert [one.name for one in list_components(of_kind("mgn", tmp_path))] == ["aws"]
    assert [one.name for one in list_components(of_kind("cloudendure", tmp_path))] == ["aws", "cloudendure"]


def test_the_processes_follow_the_world_and_not_the_environment_of_the_caller(tmp_path: Path) -> None:
    (tmp_path / "migration.toml").write_text('[provider]\nkind = "mgn"\n')
    assert [one.name for one in list_components(of_kind("cloudendure", tmp_path))] == ["aws"]


def test_the_product_accepts_the_settings_of_each_provider(world: Settings) -> None:
    loaded = ProductSettings.load(world.home / "migration.toml")
    assert (loaded.provider.kind, loaded.provider.source_server_name) == (world.provider, SITE)


def test_the_lines_for_the_operator_name_the_console_where_it_is_the_provider(world: Settings) -> None:
    lines = " ".join(demo.describe(world))
    assert ("password in" in lines) == (world.provider == "cloudendure")
    assert world.site_url in lines


def test_the_lines_follow_the_world_and_not_the_environment_of_the_caller(tmp_path: Path) -> None:
    (tmp_path / "migration.toml").write_text('[provider]\nkind = "mgn"\n')
    assert "MGN" in demo.describe(of_kind("cloudendure", tmp_path))[0]


def test_the_secrets_of_the_console_exist_where_it_is_the_provider(world: Settings) -> None:
    aws = FakeAws()
    providers.load(world).set_up(world, aws)
    made = [arguments["Name"] for operation, arguments in aws.calls if operation == "create_secret"]
    assert made == ([CREDENTIALS_SECRET, TOKEN_SECRET] if world.provider == "cloudendure" else [])


def test_nobody_has_initialized_mgn_in_a_new_world(tmp_path: Path) -> None:
    aws, world = FakeAws(), of_kind("mgn", tmp_path)
    providers.load(world).set_up(world, aws)
    assert aws.calls == []


def test_the_search_for_leaks_gets_the_account_of_the_console(world: Settings) -> None:
    found = {name: read() for name, read in providers.load(world).read_secrets(world).items()}
    assert found == ({"console": ACCOUNT} if world.provider == "cloudendure" else {})


def test_a_console_that_never_started_has_no_account(tmp_path: Path) -> None:
    world = of_kind("cloudendure", tmp_path)
    with pytest.raises(RehearsalError, match="has not made its demo account"):
        providers.load(world).set_up(world, FakeAws())


def test_make_passes_the_provider_on_to_the_job_the_scenarios_and_chaos_alone() -> None:
    lines = (ROOT / "Makefile").read_text().splitlines()
    assert [line.partition(":")[0] for line in lines if "REHEARSAL_PROVIDER" in line] == ["rehearse scenarios chaos"]


@pytest.mark.parametrize("kind", settings.PROVIDERS)
def test_the_last_lines_of_a_run_name_every_other_provider(kind: str, tmp_path: Path) -> None:
    others = [one for one in settings.PROVIDERS if one != kind]
    lines = list_other_providers(of_kind(kind, tmp_path))
    assert [line.rpartition(" ")[2] for line in lines] == [f"PROVIDER={one}" for one in others]
