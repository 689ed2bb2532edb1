"""`check-source` of a managed server."""

from __future__ import annotations

from pathlib import Path

import pytest
from applications.gogs.profile import PROFILE
from cutover_site.config import Administrator
from cutover_site.database import source_facts
from cutover_site.database.connections import Connection, execute
from cutover_site.existing.findings import WARNING
from cutover_site.existing.host import Host
from cutover_site.existing.inspection import DatabaseAddress
from cutover_site.existing.managed_server import OpenServer, check_managed_server, open_by_file, open_by_secret

from tests.rehearsal.database_servers.managed import MASTER
from tests.rehearsal.database_servers.server import PASSWORD, DatabaseServer
from tests.rehearsal.site.managed_server.accounts import APPLICATION

pytestmark = pytest.mark.rehearsal

NEEDED = "24 hours are needed: CALL mysql.rds_set_configuration('binlog retention hours', 48)"


@pytest.mark.parametrize(
    ("hours", "sentence"),
    [
        (None, f"RDS removes the binary log as soon as it can, {NEEDED}"),
        ("6", f"RDS keeps the binary log for 6 hours, {NEEDED}"),
        ("24", ""),
    ],
)
def test_the_retention_of_rds_is_read_by_its_procedure(
    rds: DatabaseServer, master: Connection, hours: str | None, sentence: str
) -> None:
    with rds.connect_root("mysql") as root:
        execute(root, "UPDATE rds_configuration SET value = %s", (hours,))
    assert source_facts.read_managed_facts(master, PROFILE.database)["managed_problems"] == [sentence] * bool(sentence)


def check(server: DatabaseServer, open_server: OpenServer) -> dict[str, list[str]]:
    """Return the actions of the findings that stop, by their check."""
    address = DatabaseAddress("127.0.0.1", server.port, "", ("gogs",), APPLICATION)
    _, findings = check_managed_server(Host(Path("/nowhere")), PROFILE.database, address, open_server)
    found: dict[str, list[str]] = {}
    for one in findings:
        if one.level != WARNING:
            found.setdefault(one.check, []).append(one.action)
    return found


def open_as_master(secret: dict[str, str]) -> OpenServer:
    return open_by_secret(lambda _name: secret, Administrator("administrator", "encrypt"))


def test_check_source_reads_the_server_with_a_secret_or_with_a_file(
    rds: DatabaseServer, master: Connection, tmp_path: Path
) -> None:
    assert master
    options = tmp_path / "my.cnf"
    options.write_text(f'[client]\nuser = {MASTER}\npassword = "{PASSWORD}"\n')
    rds.run("GRANT SELECT ON mysql.* TO master@'%'")
    for open_server in (open_as_master({"username": MASTER, "password": PASSWORD}), open_by_file(str(options))):
        assert check(rds, open_server) == {}


def test_check_source_names_where_a_managed_server_is_corrected(rds: DatabaseServer, master: Connection) -> None:
    assert master
    rds.run("SET GLOBAL binlog_row_image = MINIMAL", "UPDATE mysql.rds_configuration SET value = NULL")
    try:
        found = check(rds, open_as_master({"username": MASTER, "password": PASSWORD}))
    finally:
        rds.run("SET GLOBAL binlog_row_image = FULL")
    assert found["managed-database"] == ["CALL mysql.rds_set_configuration('binlog retention hours', 48)"]
    (advice,) = found["binary-log"]
    assert advice.startswith("binlog_row_image = FULL: set it in the parameters of the managed service")


@pytest.mark.parametrize(
    ("secret", "what"),
    [({"username": MASTER, "password": "wrong"}, "let the firewall"), ({"username": MASTER}, "store JSON with")],
)
def test_check_source_never_passes_a_server_that_it_could_not_read(
    rds: DatabaseServer, master: Connection, secret: dict[str, str], what: str
) -> None:
    assert master
    (advice,) = check(rds, open_as_master(secret))["managed-database"]
    assert advice.startswith(what)
