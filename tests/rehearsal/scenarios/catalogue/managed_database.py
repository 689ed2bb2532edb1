"""Faults of a source whose database is a managed service.

The application server closes and opens it over the network.
"""

from __future__ import annotations

from tests.rehearsal.scenarios.fault_injection import OPEN_SECONDS, wait_for
from tests.rehearsal.scenarios.scenario import ANY_PROVIDER, Scenario
from tests.rehearsal.scenarios.stage import RunResult, Stage

SWITCH = "cutover-lease.service"


@Scenario(
    expected_end="not migrated",
    providers=ANY_PROVIDER,
    shapes=("managed",),
    reason_contains=("ABORTED", "Next:"),
    only_dead_mans_switch=True,
    has_complete_reason=False,  # the execution had ended when the machine lost power, so its error cannot name it
    client_errors="reads need the database, and writes are refused until it is back",
)
def managed_database_is_away_when_the_switch_decides(stage: Stage) -> RunResult:
    """Nobody drives the run any more, and the managed database has no power when the dead man's switch decides.

    Site and database stay closed until it is back.
    """
    pending = stage.start_run()
    with stage.hold_at("drain"):
        stage.stop_execution()
        machine = stage.cut_power("source-database")
    result = stage.wait_for_result(pending)
    wait_for("the switch to decide", OPEN_SECONDS, lambda: stage.get_run_record().get("decision") == "thaw")
    # Once more after its decision: the switch has tried to open the schemas, and failed.
    begun = stage.run_on("source-app", "systemctl", "show", "-p", "InvocationID", SWITCH)
    wait_for("the switch to try again", OPEN_SECONDS, lambda: has_failed_since(stage, begun))
    assert stage.get_source_mode() == "frozen"

    stage.power_on(machine)
    wait_for("the managed database", OPEN_SECONDS, lambda: stage.is_unit_active(machine, stage.job.site.database_unit))
    stage.wait_for_open_source()
    assert stage.run_on("source-database", "mysql", "-N", "-e", stage.job.site.closed_query).strip() == "0"
    return result


def has_failed_since(stage: Stage, begun: str) -> bool:
    """Return whether the switch has run again and failed."""
    shown = stage.run_on("source-app", "systemctl", "show", "-p", "InvocationID", SWITCH)
    return shown != begun and "failed" in stage.run_on("source-app", "systemctl", "show", "-p", "ActiveState", SWITCH)
