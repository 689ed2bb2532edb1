"""The reference describes each key of an existing source. The page about it describes the rights that the templates grant."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from pydantic import BaseModel
from settings import Settings
from settings.kinds import list_models
from settings.sources import ExistingSource

from tests.unit.docs.pages import page
from tests.unit.sources.conftest import list_permissions
from tests.unit.sources.tables import PEERED, write_configuration
from tests.unit.stacks.conftest import synthesize

PAGE = page("docs/your-own-site.md")
SERVERS = {"GogsServer": 2, "DatabaseServer": 3}
"""role of each server in the sample, and the column of the table"""


def list_keys(model: type[BaseModel], table: str) -> Iterator[tuple[str, bool]]:
    """Yield each key of the tables below `table`, and whether every file needs it."""
    for name, field in model.model_fields.items():
        if name == "kind" and table == "source":
            continue  # the table is about one kind
        models = list_models(field.annotation)
        for inner in models:
            yield from list_keys(inner, f"{table}.{name}")
        if not models:
            yield f"{table}.{field.alias or name}", field.is_required()


def test_the_reference_describes_every_key_and_whether_it_is_required() -> None:
    described = {row[0].spans[0]: row[1].text for row in page("docs/reference.md").table("An existing source")}
    keys: dict[str, bool] = {}
    for key, is_required in list_keys(
        ExistingSource, "source"
    ):  # a key of several kinds is required if each of them needs it
        keys[key] = is_required and keys.get(key, True)
    assert described.keys() == keys.keys()
    for key, is_required in keys.items():
        word = described[key].partition(",")[0].partition(":")[0]
        # A key of one kind of network or of database is required there.
        assert (word in ("yes", "peered", "routed", "managed")) == is_required, key


def test_the_page_lists_the_rights_of_each_server(tmp_path: Path) -> None:
    templates = synthesize(Settings.load(write_configuration(tmp_path, PEERED)))
    for role, column in SERVERS.items():
        described = {span for row in PAGE.table("Rights") if row[column].text == "yes" for span in row[0].spans}
        granted = {action for action, _, _ in list_permissions(templates, "ReplicationStack", role=role)}
        assert described == granted, role


def test_the_content_of_each_secret_is_json_with_the_keys_that_dms_and_the_tool_read() -> None:
    shown = {row[0].spans[0]: set(json.loads(row[1].spans[0])) for row in PAGE.table("Secrets")}
    assert shown == {
        "application": {"username", "password"},
        "replication": {"username", "password", "host", "port"},
        "administrator": {"username", "password"},
        "site": {"SECRET_KEY"},
    }
