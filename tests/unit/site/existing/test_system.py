"""What every source machine must have, and what an earlier preparation left on it."""

from __future__ import annotations

import json

import pytest
from cutover_site.existing.findings import STOPS, UNKNOWN, WARNING
from cutover_site.existing.system import SYNCHRONIZED, check_clock, check_system, read_clock

from tests.unit.site.existing.server import Server


def check(server: Server, site: str = "") -> list[tuple[str, str, str]]:
    found = check_system(server.host, site=site, is_clock_synchronized=lambda: True)
    return [(one.check, one.level, one.what) for one in found if one.check != "free-space"]


@pytest.fixture
def booted(server: Server) -> Server:
    (server.root / "run/systemd/system").mkdir(parents=True)
    return server


def prepare(server: Server, site: str = "forge", *, is_complete: bool = True, freeze: str = "open") -> None:
    server.write("etc/cutover/site.json", json.dumps({"site": site, "role": "source-app", "region": "eu-west-1"}))
    server.write("var/lib/cutover/freeze.json", json.dumps({"name": freeze, "run": "m1-c-1"}))
    if is_complete:
        server.write("var/lib/cutover/configured-for", "{}")


def test_a_machine_that_nobody_prepared_has_no_finding(booted: Server) -> None:
    assert check(booted, "forge") == []


def test_a_machine_without_systemd_is_refused(server: Server) -> None:
    assert [found[0] for found in check(server)] == ["systemd"]


@pytest.mark.parametrize(("state", "level"), [(False, STOPS), (None, UNKNOWN)])
def test_a_clock_that_is_not_known_to_be_synchronized_is_reported(state: bool | None, level: str) -> None:
    assert [found.level for found in check_clock(state)] == [level]
    assert list(check_clock(True)) == []


def test_a_machine_of_another_site_is_refused_by_name(booted: Server) -> None:
    prepare(booted)
    ((_, level, what),) = check(booted, "other")
    assert level == STOPS
    assert "site forge, not for other" in what


def test_a_machine_that_is_prepared_for_this_site_is_a_warning(booted: Server) -> None:
    prepare(booted)
    assert [found[:2] for found in check(booted, "forge")] == [("preparation", WARNING)]


def test_a_preparation_that_did_not_end_is_refused(booted: Server) -> None:
    prepare(booted, is_complete=False)
    ((_, level, what),) = check(booted)
    assert (level, "did not end" in what) == (STOPS, True)


def test_a_damaged_description_is_refused(booted: Server) -> None:
    booted.write("etc/cutover/site.json", "{")
    ((_, level, what),) = check(booted)
    assert (level, "damaged" in what) == (STOPS, True)


def test_a_source_that_a_run_holds_frozen_is_refused(booted: Server) -> None:
    prepare(booted, freeze="frozen")
    assert ("preparation", STOPS, "the source is frozen for the run m1-c-1") in check(booted)


def test_a_database_that_a_run_holds_frozen_beside_its_application_is_refused(booted: Server) -> None:
    prepare(booted)
    booted.write("var/lib/cutover/freeze-database.json", json.dumps({"name": "frozen", "run": "m1-c-1"}))
    assert ("preparation", STOPS, "the source is frozen for the run m1-c-1") in check(booted)


def test_a_server_with_both_roles_whose_preparation_did_not_end_is_refused(booted: Server) -> None:
    prepare(booted, is_complete=False)
    named = {"node_id": "mi-0a1b2c3d4e5f60718", "roles": ["source-database", "source-app"]}
    booted.write("etc/cutover/site.json", json.dumps({"site": "forge", "region": "eu-west-1", **named}))
    assert any(level == STOPS and "did not end" in what for _, level, what in check(booted))


def test_a_target_is_no_source(booted: Server) -> None:
    booted.write("etc/cutover/target", "")
    ((_, level, what),) = check(booted)
    assert (level, "launched as a target" in what) == (STOPS, True)


@pytest.mark.parametrize(("state", "expected"), [(0, True), (5, False)])
def test_the_state_of_the_kernel_decides_where_it_can_be_read(server: Server, state: int, expected: bool) -> None:
    assert read_clock(server.host, lambda _: state) is expected


def test_a_container_reports_the_clock_that_its_time_service_synchronized(server: Server) -> None:
    def refuse(_: object) -> int:
        return -1

    assert read_clock(server.host, refuse) is None
    server.write(SYNCHRONIZED, "")
    assert read_clock(server.host, refuse) is True
