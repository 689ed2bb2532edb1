"""The table [source.database] with kind = "managed": each error is one line with its place, and says what to do."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from settings.sources import ExistingSource
from settings.sources.databases import ManagedDatabase

from tests.unit.settings.loading import change, load, number_of, refusal
from tests.unit.sources.tables import CONFIGURATION, MANAGED, MANAGED_PEERED, PEERED, format_configuration

HOST = "forge.c1a2b3c4d5e6.eu-central-1.rds.amazonaws.com"
SECRET = "rds!db-0b1c2d3e-4f50-6172-8394-a5b6c7d8e9f0"
TABLE = re.compile(r"\n\[source\.database\].*?\n'''\n", re.DOTALL)


def load_managed(tmp_path: Path, tables: str) -> tuple[ExistingSource, ManagedDatabase]:
    source = load(tmp_path, format_configuration(tables)).source
    assert isinstance(source, ExistingSource)
    assert isinstance(source.database, ManagedDatabase)
    return source, source.database


@pytest.mark.parametrize("tables", [MANAGED, MANAGED_PEERED])
def test_a_managed_database_is_read(tmp_path: Path, tables: str) -> None:
    source, database = load_managed(tmp_path, tables)
    assert (database.host, database.port, database.administrator_secret) == (HOST, 3307, SECRET)
    assert database.certificate_authority.count("CERTIFICATE") == 2
    assert (source.database_port, source.has_database_server) == (3307, False)


def test_port_and_schema_have_defaults(tmp_path: Path) -> None:
    assert load_managed(tmp_path, MANAGED.replace("port = 3307\n", ""))[1].port == 3306
    tables = MANAGED.replace("port = 3307", 'schema = "forge"')
    assert load(tmp_path, format_configuration(tables)).profile.database.schemas == ("forge",)


def test_the_sample_file_shows_every_key(tmp_path: Path) -> None:
    sample = CONFIGURATION.read_text(encoding="utf-8").partition("# A managed database (RDS")[2].partition("\n\n")[0]
    lines = [line.removeprefix("# ") for line in sample.splitlines()]
    shown = "\n".join(line for line in lines if re.match(r'\[|\w+ = |---|"""|…', line)).replace("\n…", "\nQQ==")
    _, database = load_managed(tmp_path, TABLE.sub(f"\n{shown}\n", MANAGED))
    assert database.model_fields_set == set(ManagedDatabase.model_fields)


@pytest.mark.parametrize(
    ("engine", "name"),
    [("mariadb", "MariaDB"), ("aurora-mysql", "Amazon Aurora"), ("postgres", "PostgreSQL"), ("oracle", "oracle")],
)
def test_an_engine_that_cannot_be_frozen_is_refused(tmp_path: Path, engine: str, name: str) -> None:
    text = change(MANAGED, 'engine = "mysql"', f'engine = "{engine}"')
    assert refusal(tmp_path, text) == (
        f'site.toml:{number_of(text, "engine =")}: source.database.engine: expected "mysql", and a server of version 8.0.22 or later: '
        f"this release cannot stop the writes of {name} as a managed service and prove it; migrate the database to RDS for MySQL or to a "
        f"server of its own first, not '{engine}'"
    )


@pytest.mark.parametrize(
    ("old", "new", "key", "expected"),
    [
        (HOST, "localhost", "host", "the DNS name or the IPv4 address of the managed database, without port, and not this server itself, not 'localhost'"),
        (HOST, f"{HOST}:3306", "host",
         f"the DNS name or the IPv4 address of the managed database, without port, and not this server itself, not '{HOST}:3306'"),
        (HOST, "10.0.3.4", "host", "an address outside of 10.0.0.0/16, which is the destination's own, not '10.0.3.4'"),
        (HOST, "172.21.0.30", "host", "an address in 192.168.7.0/24 or 172.20.0.0/16, the networks of source.network, not 172.21.0.30"),
        (SECRET, "forge/site", "administrator_secret", "a secret of its own; forge/site is that of source.secrets.site too"),
    ],
)  # fmt: skip
def test_a_wrong_value_is_rejected_at_its_line(tmp_path: Path, old: str, new: str, key: str, expected: str) -> None:
    text = change(MANAGED, old, new)
    assert refusal(tmp_path, text) == (
        f"site.toml:{number_of(text, f'{key} =')}: source.database.{key}: expected {expected}"
    )


def test_what_is_no_certificate_is_rejected(tmp_path: Path) -> None:
    text = change(MANAGED, "-----BEGIN CERTIFICATE-----", "eu-central-1-bundle.pem")
    assert "source.database.certificate_authority: expected certificates in PEM" in refusal(tmp_path, text)


@pytest.mark.parametrize(
    "line", ['node_id = "mi-0f1e2d3c4b5a69788"', 'role_name = "HybridNodes"', 'address = "172.20.0.30"']
)
def test_a_server_beside_a_managed_database_is_rejected(tmp_path: Path, line: str) -> None:
    text = change(MANAGED, 'kind = "managed"\n', f'kind = "managed"\n{line}\n')
    key = line.partition(" ")[0]
    found = refusal(tmp_path, text)
    assert f"source.database.{key}: a key of the database server, but kind is managed; remove this line" in found


def test_a_key_of_a_managed_database_needs_its_kind(tmp_path: Path) -> None:
    text = change(PEERED, "port = 3307\n", f'port = 3307\nhost = "{HOST}"\n')
    assert 'but kind is server; remove this line, or set kind = "managed"' in refusal(tmp_path, text)


@pytest.mark.parametrize("key", ["engine", "host", "administrator_secret"])
def test_a_missing_key_is_named(tmp_path: Path, key: str) -> None:
    text = re.sub(rf"(?m)^{key} = .*\n", "", MANAGED)
    assert f"source.database.{key}: missing" in refusal(tmp_path, format_configuration(text))
