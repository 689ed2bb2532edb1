"""Sections of the report: decisions, hooks, warnings, what was made and what to remove, what was compared."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

from common.clients.run_record import Record

from operate.report.model import Report, build_report
from operate.report.runs import list_runs
from operate.report.sections.compared import BEFORE, BOTH, WINDOW
from operate.report.sections.decisions import format_caller, list_decisions
from operate.report.sections.warnings import NO_ADVICE
from operate.report.source import Lag
from tests.unit.operate.report.evidence import (
    BEGAN,
    NOW,
    RUN,
    TEST_RUN,
    make_failed_at,
    make_migrated,
    make_running,
    make_source,
    record,
)


def build(documents: list[dict[str, Any]], **changes: Any) -> Report:
    return build_report(make_source(documents, **changes))


def test_decisions_are_in_their_order_and_at_their_own_moments() -> None:
    report = build(make_migrated())

    moments = [one.when for one in report.decisions]
    assert moments == sorted(moment for moment in moments if moment is not None)
    assert report.window is not None
    assert next(one.when for one in report.decisions if one.what.startswith("COMMIT")) == report.window.end


def test_the_run_record_adds_what_no_step_has_recorded() -> None:
    thawed = Record(run_id=RUN, decision="thaw", abort="stopped by the operator")
    report = build(make_running(), record=thawed)

    added = [(one.what.partition(":")[0], one.when) for one in report.decisions[-2:]]
    assert added == [("the run was requested to stop", None), ("THAW", None)]


def test_the_record_of_another_run_adds_nothing() -> None:
    report = build(make_running(), record=Record(run_id="second-c-1", abort="stop"))

    assert not any("stop" in one.what for one in report.decisions)


def test_a_go_is_a_decision_of_a_person() -> None:
    # Given a run record of a release that has such an attribute
    go = SimpleNamespace(run_id=RUN, abort="", decision="", committed=False, go_by="alice", go_at=NOW, go_state="given")
    run = list_runs(make_running())[RUN]

    found = list_decisions(run, cast(Any, go))[-1]

    assert (found.when, found.who) == (NOW, "alice")
    assert found.what.startswith("GO")


def test_the_caller_is_named_by_its_function_and_request() -> None:
    assert format_caller("arn:aws:lambda:x:1:function:procedure request 7") == "function procedure, request 7"
    assert format_caller("somebody") == "somebody"
    assert format_caller("") == "not recorded"


def test_each_warning_has_what_to_do() -> None:
    warnings = build(make_migrated()).warnings

    assert [(one.what, one.action) for one in warnings] == [
        ("Tidy up on i-2: no response", "run it by hand"),
        ("no action here", NO_ADVICE),
    ]


def test_hooks_of_the_record_and_of_the_steps_are_listed_once() -> None:
    hook = {"name": "notify", "point": "after-commit", "machine": "i-1", "seconds": 1.5, "outcome": "passed", "line": "ok"}  # fmt: skip
    documents = [*make_migrated(), record("tidy", 50, hooks=[hook]), record("deny-delta", 51, hooks="not run: no hook")]
    report = build(documents, record=None)

    (found,) = report.hooks
    assert (found.name, found.where, found.seconds, found.last_line) == ("notify", "i-1", "1.5", "ok")


def test_suites_of_the_test_launch_come_first_with_their_reasons() -> None:
    documents = [one for one in make_migrated() if one.get("step") != "accept-live"]
    documents.append(record("accept-live", 10, outcome="failed", reason="acceptance failed: login: 500"))
    suites = build(documents).suites

    assert [one.passed for one in suites] == [True, True, False]
    assert [one.name for one in suites[0].results] == ["push"]
    assert suites[-1].reason == "acceptance failed: login: 500"


def test_what_a_migrated_site_may_remove_is_named_and_its_own_stacks_stay() -> None:
    report = build(make_migrated())
    resources = report.resources

    assert [one.command for one in resources.removals][1] == "npx cdk destroy MigrationStack TestLaunchStack ReplicationStack"  # fmt: skip
    assert resources.billed is not None
    assert {one.stack: one.stays for one in resources.billed} == {"DataStack": True, "ReplicationStack": False}
    assert resources.free == {"ReplicationStack": 1}
    assert ("image ami-1 with snap-1", "stays: new servers start from it") in resources.made
    assert ("replica i-1", "removed") in resources.made


def test_nothing_is_to_be_removed_while_a_run_may_go_on() -> None:
    report = build(make_running(), record=Record(run_id=RUN, lock_expires=NOW + 9))

    assert [one.when for one in report.resources.removals] == ["not now"]


def test_a_replica_without_a_record_of_its_removal_is_named() -> None:
    documents = [one for one in make_failed_at("activate") if one["step"] != "rollback-replica"]

    made = dict(build(documents).resources.made)
    assert made["replica i-1"].startswith("no record of its removal")


def test_tables_that_were_equal_before_a_reload_are_listed_too() -> None:
    earlier = {"key": f"runs/{RUN}/11-verify-tables-1.json", "tables": {"gogs.star": {"rows": 9, "digest": "ee55"}}}
    compared = build([*make_migrated(), earlier]).compared

    assert [one.name for one in compared.tables] == ["gogs.issue", "gogs.star", "gogs.user"]
    assert [one.compared for one in compared.tables] == [BOTH, BEFORE, BEFORE]


def test_the_rows_are_those_of_the_last_comparison_of_each_table() -> None:
    # Given that the window compared one table again, and another one for the first time
    documents = make_migrated()
    changes = next(one["facts"] for one in documents if one.get("step") == "verify-changes")
    changes["digests"] = {**changes["digests"], "gogs.action": {"rows": 40, "digest": "ff66"}}
    compared = build(documents).compared

    assert (compared.rows, compared.table_count) == (1203 + 1 + 40, 3)
    assert {one.name: (one.rows, one.compared) for one in compared.tables} == {
        "gogs.action": (40, WINDOW),
        "gogs.issue": (1201, BOTH),
        "gogs.user": (3, BEFORE),
    }


def test_of_a_large_table_only_the_written_rows_were_compared_again() -> None:
    documents = make_migrated()
    next(one["facts"] for one in documents if one.get("step") == "verify-changes")["by_keys"] = {"gogs.issue": "1-9"}
    compared = build(documents).compared

    assert (compared.rows, compared.table_count) == (1203, 2)
    assert compared.tables[0].rows == 1200
    assert compared.tables[0].compared == "before the freeze; in the window the 1201 rows that were written"


def test_lag_of_other_days_is_left_out() -> None:
    lag = [Lag(BEGAN - 90_000, 1.0), Lag(BEGAN + 1, 2.0)]

    assert build(make_migrated(), lag=lag).lag == lag[1:]
    assert build(make_migrated(), lag=lag[:1]).lag is None


def test_a_run_without_a_freeze_has_no_step_in_a_window() -> None:
    # Given a roll back with the step that opens the source, which found nothing to open
    phases = build(make_failed_at("verify-files")).phases

    assert phases.window == []
    assert "Window" not in [one.label for one in phases.phases]


def test_the_steps_until_the_source_was_open_again_are_in_the_window() -> None:
    names = [one.name for one in build(make_failed_at("activate")).phases.window]

    assert names[0] == "freeze"
    assert names[-3:] == ["decide-rollback", "rollback-admission", "rollback-source"]


def test_what_a_test_launch_leaves_is_named() -> None:
    resources = build(make_migrated(), run_id=TEST_RUN).resources

    assert resources.removals[0].what == "nothing: the image waits for the cutover"


def test_the_expected_times_are_those_of_the_run_of_the_same_kind_before() -> None:
    earlier = [
        {**record("verify", -900), "run_id": "zero-c-1"},
        {**record("drain", -890, outcome="failed"), "run_id": "zero-c-1"},
    ]
    steps = {one.name: one for one in build([*earlier, *make_running(), *make_migrated()]).phases.steps}

    # A step that failed then, or had no record, has no expected time
    assert steps["verify"].expected_seconds == 0.5
    assert steps["drain"].expected_seconds is None
    assert steps["commit"].expected_seconds is None


def test_a_replica_that_was_kept_is_not_called_removed() -> None:
    kept = record("rollback-replica", 20.0, kept="i-replica", until="22:30 UTC")

    others = [one for one in make_failed_at("verify-files") if one["step"] != "rollback-replica"]

    report = build([*others, kept])

    assert any("kept until 22:30 UTC" in fate for _, fate in report.resources.made)


def test_a_launch_that_was_kept_is_named_by_its_job() -> None:
    kept = record("rollback-replica", 20.0, kept="launch job 7", until="22:30 UTC")

    left_out = ("rollback-replica", "await-job")
    others = [one for one in make_failed_at("verify-files") if one.get("step") not in left_out]

    report = build([*others, kept])

    assert next(fate for what, fate in report.resources.made if what == "launch job 7").startswith("kept until 22:30")


def test_a_replica_that_was_taken_over_is_named_with_the_run_that_launched_it() -> None:
    documents = [one for one in make_migrated() if one.get("step") != "launch"]

    report = build([*documents, record("launch", 5.0, taken_over_from="zero-c-1")])

    assert any(what.endswith(", taken over from run zero-c-1") for what, _ in report.resources.made)
