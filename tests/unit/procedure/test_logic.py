"""The procedure's decisions, one by one."""

from __future__ import annotations

import json
from typing import Any

import pytest
from applications.gogs.profile import PROFILE
from common.clients.dms import TableState, Task
from common.errors import StepFailed
from common.site_parameters import Target, TcpPort
from procedure.logic import source
from procedure.logic.acceptance import require_passed
from procedure.logic.endpoints import list_public_ports
from procedure.logic.failure import CAUSE_BYTES, format_cause, parse_caught_error
from procedure.logic.replication import evaluate
from procedure.plan import ALL, CUTOVER, TEST_LAUNCH
from procedure.step_functions import STEPS

from tests.unit.procedure.machines import FakeMachines

PORTS = {"ssh": 2222}
CHECK = FakeMachines.DATA["check"]


def task(**changes: Any) -> Task:
    given: dict[str, Any] = {
        "status": "running",
        "percent": 100,
        "stop_reason": "",
        "failure": "",
        "started_before": True,
        **changes,
    }
    return Task(arn="a", name="rows", **given)


def table(**changes: Any) -> TableState:
    given: dict[str, Any] = {
        "state": "Table completed",
        "full_load_rows": 1,
        "validation": "Validated",
        "failed_records": 0,
        **changes,
    }
    return TableState(schema="gogs", table="user", **given)


def test_every_step_of_the_plan_has_a_function() -> None:
    assert set(STEPS) == set(ALL)
    assert [step.name for step in (*TEST_LAUNCH, *CUTOVER) if step.name not in STEPS] == []


@pytest.mark.parametrize(
    ("given", "tables", "waiting", "blocked"),
    [
        (task(), [table()], "", ""),
        (task(status="starting"), [], "is starting", ""),
        (task(status="stopped"), [], "", "is stopped, not running"),
        (task(status="failed", failure="no route"), [], "", "no route"),
        (task(), [], "lists no tables", ""),
        (task(percent=40), [table(state="Full load")], "Full load", ""),
        (task(), [table(state="Table error")], "", "was not loaded"),
        (task(percent=99), [table()], "full load at 99 %", ""),
    ],
)
def test_replication_problems_are_described(given: Task, tables: list[TableState], waiting: str, blocked: str) -> None:
    verdict = evaluate(given, tables)

    for words, found in ((waiting, verdict.waiting), (blocked, verdict.blocked)):
        assert (words in " ".join(found)) if words else not found


def test_rows_that_differ_are_named_with_their_table() -> None:
    verdict = evaluate(task(), [table(validation="Mismatched records", failed_records=3)])

    assert "3 rows differ" in verdict.differing["gogs.user"]
    assert (verdict.waiting, verdict.blocked) == ([], [])


@pytest.mark.parametrize("state", ["Suspended records", "Error"])
def test_rows_that_could_not_be_validated_are_not_rows_that_differ(state: str) -> None:
    verdict = evaluate(task(), [table(validation=state, suspended_records=3)])

    assert (verdict.waiting, verdict.differing, verdict.blocked) == ([], {}, [])
    assert verdict.unvalidated == [f"table gogs.user: DMS could not validate 3 rows ({state})"]


def test_a_healthy_source_has_no_problems() -> None:
    assert source.find_application_problems(CHECK, PROFILE, PORTS) == []
    assert source.find_database_problems(CHECK) == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"mode": "frozen"}, "proxy is frozen"),
        ({"health": "database: down"}, "database: down"),
        ({"gogs": "failed"}, "Gogs is failed"),
        ({"hold": "worker 7 of HAProxy has no hold.lua"}, "cannot hold writes: worker 7"),
        ({"hold": None}, "its cutover-site is older"),
        ({"delta": "no SSH server responds at 10.0.0.4:22: refused"}, "file changes: no SSH server responds"),
        (
            {"hooks": ["hooks: they call /old/gogs, not /opt/gogs/gogs, in 2 repositories (a/b.git, a/c.git)"]},
            "gogs admin resync-hooks",
        ),
        ({"identity": {"enabled": True, "problem": "the front hands on X-User", "senders": []}}, "hands on X-User"),
        ({"home": {"names": ["bin"], "problem": "the home of the user git holds more"}}, "holds more"),
    ],
)
def test_an_unhealthy_application_server_is_named(change: dict[str, Any], words: str) -> None:
    assert words in " ".join(source.find_application_problems({**CHECK, **change}, PROFILE, PORTS))


def test_users_reach_each_port_at_the_same_number_on_both_sides() -> None:
    assert source.find_application_problems({**CHECK, "public_ports": {"ssh": 2222}}, PROFILE, PORTS) == []
    (problem,) = source.find_application_problems({**CHECK, "public_ports": {"ssh": 22}}, PROFILE, PORTS)

    assert "set site.ssh_port = 22" in problem
    assert "2222" in problem


def test_users_reach_the_site_below_the_same_path_on_both_sides() -> None:
    facts = {**CHECK, "public_path": "/git/"}
    assert source.find_application_problems(facts, PROFILE, PORTS, "/git/") == []
    (problem,) = source.find_application_problems(facts, PROFILE, PORTS, "/")
    assert 'set site.path = "/git"' in problem
    (problem,) = source.find_application_problems({**CHECK, "public_path": "/"}, PROFILE, PORTS, "/git/")
    assert "below the path /, and the target has /git" in problem


def test_missing_facts_are_problems() -> None:
    assert len(source.find_application_problems({}, PROFILE, PORTS)) == 11
    assert source.find_database_problems({}) == ["its database settings are not known"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"binlog_format": "MIXED"}, "binlog_format is MIXED"),
        ({"read_only": 1}, "read-only"),
        ({"binlog_retention_seconds": 60}, "86400 s are needed"),
        ({"tables_without_primary_key": ["gogs.x"]}, "gogs.x"),
    ],
)
def test_a_database_that_cannot_be_replicated_is_named(change: dict[str, Any], words: str) -> None:
    assert words in " ".join(source.find_database_problems({**CHECK, "database": {**CHECK["database"], **change}}))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"binlog_retention_seconds": None}, "not known"),
        ({"binlog_retention_seconds": 3600}, "kept for 3600 s"),
        ({"too_old": "MySQL 5.6.1 is too old"}, "too old"),
        ({"prepared_transactions": ["transfer"]}, "transfer"),
        ({"other_servers": ["it is a replica of db2"]}, "replica of db2"),
        ({"accounts_not_held": ["account 'dms'@'%' reads the binary log"]}, "'dms'@'%'"),
        ({"target_refuses": ["column u of table gogs.t is of type uuid"]}, "gogs.t"),
        ({"log_encodings": {"binlog_row_value_options": "PARTIAL_JSON"}}, "binlog_row_value_options is PARTIAL_JSON"),
        ({"unlogged_schemas": ["gogs"]}, "schema gogs are not written to the binary log: remove binlog_do_db"),
    ],
)
def test_writers_in_the_window_and_unsupported_objects_are_named(change: dict[str, Any], words: str) -> None:
    (reason,) = source.find_database_problems({**CHECK, "database": {**CHECK["database"], **change}})
    assert words in reason


@pytest.mark.parametrize(
    "fact",
    [
        "prepared_transactions",
        "other_servers",
        "accounts_not_held",
        "target_refuses",
        "log_encodings",
        "unlogged_schemas",
    ],
)
def test_checks_that_an_older_tool_does_not_perform_are_not_passed(fact: str) -> None:
    settings = {key: value for key, value in CHECK["database"].items() if key != fact}
    (reason,) = source.list_unknown_facts({**CHECK, "database": settings})
    assert fact in reason
    assert source.list_unknown_facts(CHECK) == []
    assert source.list_unknown_facts({**CHECK, "database": {**settings, "too_old": "it is too old"}}) == []


def test_a_binary_log_that_is_never_purged_is_long_enough() -> None:
    assert (
        source.find_database_problems({**CHECK, "database": {**CHECK["database"], "binlog_retention_seconds": 0}}) == []
    )


def test_unexpected_behaviour_of_the_run_is_a_warning() -> None:
    facts = {
        "accounts_to_lock": ["'app'@'%'", "'mysql'@'localhost'"],
        "cascades": ["action -> watch"],
        "definer_routines": ["procedure gogs.tidy of boss@%"],
        "target_changes": ["MySQL has no collation x"],
        "binlog_tool": "",
    }
    words = "\n".join(source.list_database_warnings({"database": facts}))
    for one in (
        "'app'@'%'",
        "its reads fail in the window",
        "action -> watch",
        "gogs.tidy of boss@%",
        "collation x",
        "mysqlbinlog",
    ):
        assert one in words
    assert "localhost" not in words


def test_a_full_disk_is_named() -> None:
    assert "/ has 1 MiB left" in " ".join(
        source.find_application_problems(
            {**CHECK, "disks": {"/": {"total": 2**30, "used": 0, "free": 2**20}}}, PROFILE, PORTS
        )
    )


def test_an_acceptance_that_failed_names_each_check() -> None:
    checks = [
        {"name": "login", "outcome": "pass"},
        {"name": "clone", "outcome": "fail", "reason": "500"},
        {"name": "push"},
    ]

    with pytest.raises(StepFailed, match=r"clone: 500; push: no outcome"):
        require_passed({"checks": checks}, "i-1", PROFILE.required_checks)


@pytest.mark.parametrize(
    ("url", "ports"),
    [
        ("http://git.example.com/", [80, 2222]),
        ("https://git.example.com/", [80, 443, 2222]),
        ("http://x:3000/", [2222, 3000]),
    ],
)
def test_the_target_ports_follow_from_the_site_url(url: str, ports: list[int]) -> None:
    assert list_public_ports(Target(site_url=url, tcp=(TcpPort(name="ssh", number=2222),))) == ports


def test_a_caught_error_keeps_its_facts() -> None:
    message = str(StepFailed("disk full", machine="i-1", next_action="grow it", phase="Delta"))
    error = {"Error": "StepFailed", "Cause": json.dumps({"errorType": "StepFailed", "errorMessage": message})}

    assert parse_caught_error(error) == {"phase": "Delta", "machine": "i-1", "reason": "disk full", "next": "grow it"}


@pytest.mark.parametrize(
    ("error", "words"),
    [
        ({"Error": "States.Timeout", "Cause": ""}, "did not answer in time"),
        ({"Error": "Runtime.ImportModuleError", "Cause": '{"errorMessage": "No module named x"}'}, "No module named x"),
        ({}, "unknown error"),
    ],
)
def test_an_unknown_error_is_reported_with_the_available_facts(error: dict[str, str], words: str) -> None:
    assert words in parse_caught_error(error, phase="Freeze")["reason"]


def test_a_long_cause_is_truncated_at_its_least_important_part() -> None:
    text = format_cause({"phase": "Delta", "machine": "i-1", "reason": "ä" * 3000, "next": "grow it"}, ["w" * 300] * 5)

    facts = json.loads(text)
    assert len(text.encode()) <= CAUSE_BYTES
    assert (facts["phase"], facts["machine"], facts["next"]) == ("Delta", "i-1", "grow it")
    assert facts["reason"].endswith("…")
