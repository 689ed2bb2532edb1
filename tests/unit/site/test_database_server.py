"""The freeze of the database server: who may close it, what proves that it is closed, and when its switch is armed."""

from __future__ import annotations

from pathlib import Path

import pytest
from cutover_site.aws.run_record import Decision
from cutover_site.errors import Refused
from cutover_site.freeze import database_server
from cutover_site.freeze.state import FreezeState
from cutover_site.freeze.store import open_database_store

from tests.unit.site.one_server import DATABASE, RUN, Server, build_server, record_of

OTHER = "run-2"


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Server:
    return build_server(tmp_path, monkeypatch, ("source-database",))


def read_state(server: Server) -> FreezeState:
    return open_database_store(server).read()


@pytest.mark.parametrize(
    "decision", [Decision(RUN, "rollback"), Decision(RUN, "thaw"), Decision(RUN, "commit"), Decision(OTHER, "")]
)
def test_the_freeze_of_a_run_that_is_over_changes_nothing(server: Server, decision: Decision) -> None:
    """Systems Manager may deliver the command long after the run has rolled back."""
    record_of(server).decision = decision

    with pytest.raises(Refused, match="is over"):
        database_server.stop_source_writes(server, RUN)

    assert (server.log, server.timer, read_state(server)) == ([], "off", FreezeState())


def test_a_database_that_was_thawed_is_not_closed_again_by_the_same_run(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its marker is on the target, and would prove that writes have arrived which were made after it."""
    monkeypatch.setattr(f"{DATABASE}.has_marker", lambda _connection, run: run == RUN)

    with pytest.raises(Refused, match="frozen and thawed this database before"):
        database_server.stop_source_writes(server, RUN)

    assert (server.log, server.timer, read_state(server)) == ([], "off", FreezeState())


def test_a_freeze_that_is_repeated_finds_its_own_marker(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    database_server.stop_source_writes(server, RUN)
    monkeypatch.setattr(f"{DATABASE}.has_marker", lambda _connection, run: run == RUN)

    assert database_server.stop_source_writes(server, RUN)["marker"] == RUN


def test_the_switch_is_armed_before_the_database_is_closed(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """So a database whose freeze ends in its middle follows the decision too."""

    def fail(*_: object) -> None:
        assert (server.timer, read_state(server)) == ("on", FreezeState("frozen", RUN))
        raise ConnectionError("the server has gone away")

    monkeypatch.setattr(f"{DATABASE}.stop_writes", fail)

    with pytest.raises(ConnectionError):
        database_server.stop_source_writes(server, RUN)

    assert (server.timer, read_state(server).name) == ("on", "frozen")


@pytest.mark.parametrize("state", [FreezeState(), FreezeState("frozen", OTHER)])
def test_only_the_freeze_of_this_run_proves_that_the_database_is_closed(
    server: Server, monkeypatch: pytest.MonkeyPatch, state: FreezeState
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(f"{DATABASE}.prove_closed", lambda _connection, _layout, run: asked.append(run))
    open_database_store(server).write(state)

    with pytest.raises(Refused, match="does not hold a freeze"):
        database_server.prove_frozen(server, RUN)

    open_database_store(server).write(FreezeState("frozen", RUN))
    assert database_server.prove_frozen(server, RUN) == {"frozen": RUN}
    assert asked == [RUN]
