"""Written tables and key ranges in the binary log of a real server, with both readers."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from pathlib import Path

import pymysql
import pytest
from applications.gogs.profile import PROFILE
from cutover_site.database import binlog_tool, positions, products
from cutover_site.database.binlog_events import WRITES_ANYTHING, Event, Statement, TableWritten
from cutover_site.database.binlog_listing import list_events
from cutover_site.database.binlog_text import build_command, read_events
from cutover_site.database.connections import Connection, execute, fetch_rows
from cutover_site.database.log_filters import find_unlogged
from cutover_site.database.positions import BinlogPosition, read_binlog_position
from cutover_site.database.written_key_ranges import find_written_key_ranges
from cutover_site.database.written_tables import WrittenTables, find_written_tables
from cutover_site.errors import NotChecked, Refused
from cutover_site.layout import Layout
from cutover_site.system.commands import iterate_lines

from tests.rehearsal.database_servers.products import PRODUCTS
from tests.rehearsal.database_servers.server import DatabaseServer, running

pytestmark = pytest.mark.rehearsal


@pytest.fixture
def root(server: DatabaseServer) -> Iterator[Connection]:
    with server.connect_root() as connection:
        for schema in ("gogs", "other"):
            execute(connection, f"DROP DATABASE IF EXISTS {schema}")
            execute(connection, f"CREATE DATABASE {schema}")
            for table in ("user", "issue", "odd.name"):
                execute(connection, f"CREATE TABLE {schema}.`{table}` (id INT PRIMARY KEY, n INT)")
        yield connection


def find_written(server: DatabaseServer, place: BinlogPosition) -> WrittenTables:
    with open_stream(server) as connection:
        return find_written_tables(connection, place, PROFILE.database)


def open_stream(server: DatabaseServer) -> Connection:
    return pymysql.connect(
        unix_socket=str(server.socket), user="root", autocommit=True, cursorclass=pymysql.cursors.SSCursor
    )


def test_written_tables_are_listed_over_several_logs(server: DatabaseServer, root: Connection) -> None:
    # Given a position in the log
    place = read_binlog_position(root)
    # When rows are inserted and deleted, also in a transaction, and the server starts a new log
    execute(root, "INSERT INTO gogs.issue VALUES (1, 1), (2, 2)")
    execute(root, "INSERT INTO other.user VALUES (1, 1)")
    execute(root, "FLUSH BINARY LOGS")
    root.begin()
    execute(root, "INSERT INTO gogs.`odd.name` VALUES (1, 1)")
    execute(root, "DELETE FROM gogs.`odd.name`")
    root.commit()
    # Then exactly the written tables of the schema are listed
    assert find_written(server, place) == WrittenTables(frozenset({"issue", "odd.name"}), 0)
    assert find_written(server, read_binlog_position(root)) == WrittenTables(frozenset(), 0)


@pytest.mark.parametrize("product", PRODUCTS)
@pytest.mark.parametrize(
    ("option", "unlogged"),
    [("--binlog-ignore-db=gogs", ["gogs"]), ("--binlog-do-db=gogs", ["cutover"]), ("--log-bin=other", [])],
)
def test_a_schema_whose_writes_the_log_does_not_show_is_found(
    tmp_path: Path, product: str, option: str, unlogged: list[str]
) -> None:
    with (
        running(product, tmp_path, "--log-bin=binlog", "--binlog-format=ROW", option) as server,
        server.connect_root() as root,
    ):
        assert find_unlogged(root, ("gogs", "cutover")) == unlogged
        # Given a table, when a row is written
        execute(root, "CREATE DATABASE gogs")
        execute(root, "CREATE TABLE gogs.issue (id INT PRIMARY KEY)")
        place = read_binlog_position(root)
        execute(root, "INSERT INTO gogs.issue VALUES (1)")
        # Then the log shows it, unless the schema is among those that it does not show
        assert bool(find_written(server, place).tables) == ("gogs" not in unlogged)


def test_text_in_the_log_that_is_not_utf8_is_read(server: DatabaseServer, root: Connection) -> None:
    """MariaDB logs the text of each statement beside its rows. A client may send any bytes in it, or text in latin1."""
    execute(root, "ALTER TABLE gogs.issue ADD COLUMN data BLOB")
    place = read_binlog_position(root)
    with pymysql.connect(unix_socket=str(server.socket), user="root", autocommit=True, charset="latin1") as client:
        execute(client, "INSERT INTO gogs.issue VALUES (1, 1, %s)", ("Gr\u00f6\u00dfe",))
        assert find_written(server, place) == WrittenTables(frozenset({"issue"}), 0)
        execute(client, "ALTER TABLE gogs.issue COMMENT 'Gr\u00f6\u00dfe'")
    assert find_written(server, place) == WrittenTables(frozenset({"issue"}), 1)


def test_events_other_than_row_changes_are_counted(server: DatabaseServer, root: Connection) -> None:
    place = read_binlog_position(root)
    execute(root, "ALTER TABLE gogs.user ADD m INT")
    execute(root, "TRUNCATE gogs.issue")

    assert find_written(server, place).other_events == 2


def test_both_readers_of_the_log_return_the_same_events(
    server: DatabaseServer, root: Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The events are writes of a table and statements that may have written any table, in the same order."""
    monkeypatch.setenv("PATH", str(server.product.install_binary_log_tool(tmp_path)))
    tool = binlog_tool.find_tool(products.read_product(root))
    assert tool is not None
    place = read_binlog_position(root)
    execute(root, "INSERT INTO gogs.issue VALUES\n-- two rows\n(1, 1), (2, 2)")
    execute(root, "ALTER TABLE gogs.user\n ADD m INT")
    execute(root, "INSERT INTO other.`odd.name` VALUES (1, 1)")
    execute(root, "FLUSH BINARY LOGS")
    execute(root, "/* why */ TRUNCATE gogs.issue")
    execute(root, "INSERT INTO gogs.user (id) VALUES (5)")

    with open_stream(server) as connection:
        listed = select_writing(list_events(connection, place))
    printed = select_writing(read_events(iterate_lines(*build_command(tool, server.build_layout(tmp_path), place)), {}))

    assert printed == listed
    assert [type(event) for event in listed] == [TableWritten, Statement, TableWritten, Statement, TableWritten]


def select_writing(events: Iterable[Event]) -> list[Event]:
    """Return the events that write. The text of the tool contains only the first line of a statement."""
    return [
        Statement(event.text.partition("\n")[0].partition("; ")[-1]) if isinstance(event, Statement) else event
        for event in events
        if isinstance(event, (TableWritten, *WRITES_ANYTHING))
    ]


def test_a_rolled_back_transaction_is_not_a_write(server: DatabaseServer, root: Connection) -> None:
    place = read_binlog_position(root)
    root.begin()
    execute(root, "INSERT INTO gogs.user VALUES (9, 9)")
    root.rollback()

    assert find_written(server, place) == WrittenTables(frozenset(), 0)


def test_written_key_ranges_cover_exactly_the_written_rows(
    server: DatabaseServer, root: Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server's own tool reads two logs with images of whole rows and of keys alone."""
    layout = server.build_layout(tmp_path)
    monkeypatch.setenv("PATH", str(server.product.install_binary_log_tool(tmp_path)))
    execute(root, "CREATE TABLE gogs.pair (a INT, b INT, PRIMARY KEY (a, b))")
    execute(root, "CREATE TABLE gogs.late (text VARCHAR(90), id BIGINT UNSIGNED PRIMARY KEY)")
    execute(root, "INSERT INTO gogs.late VALUES ('before', 77)")
    place = read_binlog_position(root)
    execute(root, "INSERT INTO gogs.late VALUES ('### @2=5', 1), ('two', 18446744073709551615)")
    execute(root, "INSERT INTO gogs.pair VALUES (1, 1)")
    execute(root, "INSERT INTO other.user VALUES (50, 1)")
    execute(root, "FLUSH BINARY LOGS")
    execute(root, "SET SESSION binlog_row_image = MINIMAL")
    execute(root, "INSERT INTO gogs.user VALUES (10, 1), (11, 1)")
    execute(root, "UPDATE gogs.user SET n = 2 WHERE id = 11")
    execute(root, "UPDATE gogs.user SET id = 20 WHERE id = 10")
    execute(root, "DELETE FROM gogs.late WHERE id = 77")

    found = find_written_key_ranges(root, layout, place, "gogs", {"late", "pair", "user", "issue"})

    assert found == {"late": [(1, 1), (77, 77), (2**64 - 1, 2**64 - 1)], "user": [(10, 11), (20, 20)]}


def test_without_the_tool_or_the_server_there_are_no_key_ranges(
    server: DatabaseServer, root: Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = read_binlog_position(root)
    execute(root, "INSERT INTO gogs.user VALUES (10, 1)")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_written_key_ranges(root, server.build_layout(tmp_path), place, "gogs", {"user"}) == {}
    monkeypatch.setenv("PATH", str(server.product.install_binary_log_tool(tmp_path)))
    nowhere = Layout(tmp_path / "nothing")
    assert find_written_key_ranges(root, nowhere, place, "gogs", {"user"}) == {}, "there is no server"


def test_a_compressed_transaction_is_read(
    server: DatabaseServer, root: Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not server.is_mysql:
        pytest.skip("MariaDB has no compressed transactions")
    monkeypatch.setenv("PATH", str(server.product.install_binary_log_tool(tmp_path)))
    place = read_binlog_position(root)
    execute(root, "SET SESSION binlog_transaction_compression = ON")
    execute(root, "INSERT INTO gogs.user VALUES (7, 1), (8, 2)")
    execute(root, "INSERT INTO other.user VALUES (70, 1)")

    assert find_written(server, place) == WrittenTables(frozenset({"user"}), 0)
    assert find_written_key_ranges(root, server.build_layout(tmp_path), place, "gogs", {"user"}) == {"user": [(7, 8)]}


def test_only_a_tool_of_the_servers_product_is_used(
    server: DatabaseServer, root: Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A tool of MariaDB may also have the name mysqlbinlog. It cannot read every MySQL log."""
    tools = server.product.install_binary_log_tool(tmp_path)
    monkeypatch.setenv("PATH", str(tools))
    own = products.read_product(root)
    assert binlog_tool.find_tool(own) is not None
    for path in tools.iterdir():
        path.rename(tools / "mysqlbinlog")
    assert binlog_tool.find_tool(own) is not None
    assert binlog_tool.find_tool(products.Product(not own.mysql, own.version)) is None


def test_a_missing_log_is_not_treated_as_an_empty_log(server: DatabaseServer, root: Connection) -> None:
    place = read_binlog_position(root)
    execute(root, "FLUSH BINARY LOGS")
    deadline = time.monotonic() + 20
    while place.file in [row[0] for row in fetch_rows(root, "SHOW BINARY LOGS")] and time.monotonic() < deadline:
        # The server keeps the log while it uses it.
        execute(root, "PURGE BINARY LOGS TO %s", (read_binlog_position(root).file,))

    with pytest.raises(NotChecked, match=place.file):
        find_written(server, place)
    with pytest.raises(NotChecked):
        find_written(
            server, BinlogPosition(read_binlog_position(root).file, read_binlog_position(root).position + 1000)
        )
    with pytest.raises(Refused):
        positions.parse_position("binlog.000001")
