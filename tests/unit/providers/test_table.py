"""The table [provider]: each kind has keys of its own, and an error is one line with its place and advice."""

from __future__ import annotations

import pytest
from settings import Settings, SettingsError
from settings.providers.cloudendure import CloudEndureSettings

from tests.unit.providers.conftest import TABLE, Load
from tests.unit.providers.fake import FakeSettings
from tests.unit.providers.tables import CLOUDENDURE, CONFIGURATION

FORMER = CLOUDENDURE.replace("source_server_name", "hosttomigrate")


def refusal(load: Load, table: str) -> str:
    with pytest.raises(SettingsError) as caught:
        load(table)
    return str(caught.value).rpartition("/")[2]


def line_of(part: str, table: str) -> int:
    """The number in the whole file of the first line with `part`."""
    before = CONFIGURATION.read_text().partition("\n[provider]")[0]
    return (before + table).partition(part)[0].count("\n") + 1


def test_the_kind_selects_the_model(load: Load) -> None:
    assert isinstance(load(TABLE).provider, FakeSettings)
    assert isinstance(load(CLOUDENDURE).provider, CloudEndureSettings)


@pytest.mark.parametrize("table", [FORMER, FORMER.replace('kind = "cloudendure"\n', "")])
def test_files_of_earlier_releases_stay_valid(load: Load, table: str) -> None:
    assert load(table).provider == load(CLOUDENDURE).provider


def test_the_former_key_is_not_accepted_beside_the_new_one(load: Load) -> None:
    both = CLOUDENDURE.replace("[provider]\n", '[provider]\nhosttomigrate = "gogs"\n')
    assert refusal(load, both) == (
        f"site.toml:{line_of('[provider]', both)}: provider: expected source_server_name alone: "
        "hosttomigrate is its former name, remove that line"
    )


def test_an_unknown_kind_is_rejected_with_the_supported_kinds(load: Load) -> None:
    kind = 'kind = "magic"'
    table = TABLE.replace('kind = "fake"', kind)
    assert refusal(load, table) == (
        f"site.toml:{line_of(kind, table)}: provider.kind: expected one of the providers of this release "
        "('cloudendure', 'fake'), not 'magic'"
    )


def test_the_shipped_release_names_its_providers() -> None:
    with pytest.raises(ValueError, match="'cloudendure', 'mgn'"):
        Settings.model_validate({"provider": {"kind": "magic"}})


@pytest.mark.parametrize(
    ("table", "key", "owner", "kind"),
    [
        (TABLE.replace("[provider]\n", '[provider]\nproject = "Gogs"\n'), "project", "cloudendure", "fake"),
        (CLOUDENDURE.replace("[provider]\n", '[provider]\nstaging_tag = "x"\n'), "staging_tag", "fake", "cloudendure"),
    ],
)
def test_a_key_of_the_other_provider_is_rejected_with_advice(
    load: Load, table: str, key: str, owner: str, kind: str
) -> None:
    assert refusal(load, table) == (
        f"site.toml:{line_of(f'{key} =', table)}: provider.{key}: a key of the provider {owner}, but kind is {kind}; "
        f'remove this line, or set kind = "{owner}"'
    )


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('staging_tag = "cutover"\n', "", "provider.staging_tag: missing; expected a value"),
        (
            'staging_tag = "cutover"',
            "staging_tag = 3",
            "provider.staging_tag: expected a text in quotation marks, not 3",
        ),
        ("staging_tag", "stagingtag", "provider.stagingtag: unknown key; expected one that migration.toml explains"),
    ],
)
def test_other_errors_do_not_mention_the_kind(load: Load, old: str, new: str, message: str) -> None:
    refused = refusal(load, TABLE.replace(old, new))
    assert message in refused
    assert "fake" not in refused
