"""`check-source` refuses what preflight and the provider's playbook refuse later: each of these requirements is stated twice."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import applications
import pytest
from cutover_site.existing import agent, database, system
from cutover_site.existing.findings import STOPS, WARNING
from cutover_site.existing.host import Host
from cutover_site.existing.inspection import load_inspector
from cutover_site.providers import REQUIREMENTS
from procedure.logic import source

ROOT = Path(__file__).parents[3]
HEALTHY: dict[str, Any] = {
    "log_bin": 1, "binlog_format": "ROW", "binlog_row_image": "FULL", "server_id": 1, "read_only": 0, "binlog_retention_seconds": 0, "too_old": "",
    "tables_without_primary_key": [], "not_carried": [], "target_refuses": [], "target_changes": [], "other_servers": [], "accounts_not_held": [],
    "accounts_to_lock": [], "prepared_transactions": [], "cascades": [], "definer_routines": [], "log_encodings": {}, "unlogged_schemas": [], "binlog_tool": "/usr/bin/mysqlbinlog",
}  # fmt: skip
REFUSED = [
    {"log_bin": 0}, {"binlog_format": "MIXED"}, {"binlog_row_image": "MINIMAL"}, {"server_id": 0}, {"read_only": "ON"}, {"too_old": "MySQL 5.6 is too old"},
    {"binlog_retention_seconds": 3600}, {"binlog_retention_seconds": None}, {"tables_without_primary_key": ["gogs.x"]}, {"target_refuses": ["a column"]},
    {"other_servers": ["it is a replica of db2"]}, {"accounts_not_held": ["account 'a'@'%' may write: REVOKE it"]}, {"prepared_transactions": ["xid"]},
    {"log_encodings": {"log_bin_compress": "ON"}}, {"unlogged_schemas": ["gogs"]},
]  # fmt: skip
WARNED = [
    {"target_changes": ["a collation"]}, {"not_carried": ["view v"]}, {"accounts_to_lock": ["'a'@'%'"]}, {"cascades": ["a -> b"]}, {"binlog_tool": ""},
    {"definer_routines": ["procedure gogs.tidy of root@localhost"]},
]  # fmt: skip


def load_requirements() -> Any:
    path = ROOT / "assets/ansible/roles/mgn_agent/library/mgn_requirements.py"
    spec = importlib.util.spec_from_file_location("mgn_requirements", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


PLAYBOOK = load_requirements()
MGN = REQUIREMENTS["mgn"]
RECORD = MGN.foreign_agents[-1].own_record


def test_a_healthy_database_passes_both() -> None:
    assert source.find_database_problems({"database": HEALTHY}) == []
    assert list(database.evaluate_facts(HEALTHY)) == []


@pytest.mark.parametrize("change", REFUSED, ids=lambda change: next(iter(change)))
def test_what_preflight_refuses_of_a_database_is_refused_before(change: dict[str, Any]) -> None:
    facts = {**HEALTHY, **change}
    assert len(source.find_database_problems({"database": facts})) == 1
    assert [found.level for found in database.evaluate_facts(facts)] == [STOPS]


@pytest.mark.parametrize("seconds", [0, 3600, None])
def test_the_retention_of_a_managed_server_is_among_its_own_problems(seconds: int | None) -> None:
    facts = {**HEALTHY, "binlog_retention_seconds": seconds, "managed_problems": []}
    assert source.find_database_problems({"database": facts}) == []
    assert list(database.evaluate_facts(facts)) == []
    problem = "RDS removes the binary log: CALL mysql.rds_set_configuration('binlog retention hours', 48)"
    facts["managed_problems"] = [problem]
    assert source.find_database_problems({"database": facts}) == [problem]
    (found,) = database.evaluate_facts(facts)
    assert (found.level, found.action) == (STOPS, "CALL mysql.rds_set_configuration('binlog retention hours', 48)")


@pytest.mark.parametrize("change", WARNED, ids=lambda change: next(iter(change)))
def test_what_preflight_warns_about_is_a_warning_before(change: dict[str, Any]) -> None:
    facts = {**HEALTHY, **change}
    assert len(source.list_database_warnings({"database": facts})) == 1
    assert [found.level for found in database.evaluate_facts(facts)] == [WARNING]


def test_the_limits_are_the_same() -> None:
    assert database.BINLOG_RETENTION_SECONDS == source.BINLOG_RETENTION_SECONDS
    assert system.LEAST_FREE_SHARE == source.LEAST_FREE_SHARE
    assert (MGN.systems, MGN.uncertain) == (PLAYBOOK.SUPPORTED, PLAYBOOK.UNCERTAIN)
    assert tuple(MGN.free_bytes.values()) == (PLAYBOOK.ROOT_BYTES, PLAYBOOK.TEMPORARY_BYTES)


@pytest.mark.parametrize("path", ["var/lib/cloudendure/a", "var/lib/aws-replication-agent/a", "proc/modules", RECORD])
def test_the_playbook_and_the_check_find_the_same_agents(tmp_path: Path, path: str) -> None:
    (tmp_path / path).parent.mkdir(parents=True)
    (tmp_path / path).write_text("CE_AgentDriver 1 0 - Live\n")
    (tmp_path / "tmp").mkdir()
    found = [one for one in agent.check_agent(Host(tmp_path), MGN) if one.check == "agent-in-the-way"]
    assert len(found) == len(PLAYBOOK.find_agents(tmp_path, f"/{RECORD}"))


@pytest.mark.parametrize("kernel", ["4.9.256-amd64", "6.8.0-azure", "6.1.0-1"])
def test_the_playbook_and_the_check_refuse_the_same_kernels(tmp_path: Path, kernel: str) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/os-release").write_text("ID=debian\nVERSION_ID=11\n")
    refused = bool(PLAYBOOK.check_system(tmp_path, kernel, "x86_64")[0])
    assert any(one.check == "kernel" for one in agent.check_kernel(Host(tmp_path), MGN, kernel, "x86_64")) == refused


def test_every_application_names_a_module_that_exists_or_none() -> None:
    for name in applications.list_names():
        profile = applications.load(name)
        if profile.existing:
            assert callable(load_inspector(profile).inspect)
