"""The schema of the target, the rights of the application, and what is not copied, on a real server."""

from __future__ import annotations

import pymysql
import pytest
from applications.gogs.profile import PROFILE
from cutover_site.database import schema, source_facts
from cutover_site.database.connections import Connection, connect, execute, fetch_rows
from cutover_site.database.create_statement import read_create_statement

from tests.rehearsal.database_servers.server import DatabaseServer
from tests.rehearsal.site.database.rows import PASSWORD

pytestmark = pytest.mark.rehearsal


def test_the_target_gets_the_schema_of_the_source(root: Connection) -> None:
    wanted = schema.read_schemas(root, PROFILE.database)
    execute(root, "DROP DATABASE gogs")
    execute(root, "DROP DATABASE cutover")
    made = schema.create_missing_tables(root, wanted)
    assert set(made) >= {"gogs.issue", "cutover.marker"}
    assert "AUTO_INCREMENT" in read_create_statement(root, "gogs", "issue")
    assert "KEY `title`" in read_create_statement(root, "gogs", "issue")
    assert schema.create_missing_tables(root, wanted) == []
    execute(root, "ALTER TABLE gogs.issue DROP COLUMN f")
    with pytest.raises(schema.SchemaDiffers, match=r"gogs\.issue"):
        schema.create_missing_tables(root, wanted)


def test_the_applications_user_can_connect_only_with_tls(root: Connection, server: DatabaseServer) -> None:
    del root  # the test needs only the user that it creates
    with connect(server.build_login("gogs", PASSWORD)) as user:
        assert fetch_rows(user, "SHOW STATUS LIKE 'Ssl_cipher'")[0][1]
    with pytest.raises(pymysql.err.OperationalError, match="Access denied"):
        pymysql.connect(host="127.0.0.1", port=server.port, user="gogs", password=PASSWORD, ssl_disabled=True)


def test_the_applications_user_cannot_write_the_marker(root: Connection, server: DatabaseServer) -> None:
    del root
    with connect(server.build_login("gogs", PASSWORD)) as user:
        assert fetch_rows(user, "SELECT * FROM cutover.marker") == []
        with pytest.raises(pymysql.err.OperationalError, match="denied"):
            execute(user, "INSERT INTO cutover.marker VALUES ('x', 1)")


def test_views_triggers_events_and_routines_are_listed_as_not_copied(root: Connection) -> None:
    assert source_facts.read_source_facts(root, PROFILE.database)["not_carried"] == []
    execute(root, "CREATE VIEW gogs.busiest AS SELECT id FROM gogs.issue")
    execute(root, "CREATE TRIGGER gogs.stamp BEFORE INSERT ON gogs.issue FOR EACH ROW SET NEW.title = 'x'")
    execute(root, "CREATE EVENT gogs.nightly ON SCHEDULE EVERY 1 DAY DO DELETE FROM gogs.webhook")
    execute(root, "CREATE PROCEDURE gogs.tidy() DELETE FROM gogs.webhook")
    assert source_facts.read_source_facts(root, PROFILE.database)["not_carried"] == [
        "view busiest",
        "trigger stamp",
        "event nightly",
        "procedure tidy",
    ]
