"""Faults after the commit. They cause a warning and never a failed deploy."""

from __future__ import annotations

from tests.rehearsal.scenarios.scenario import ANY_PROVIDER, Scenario
from tests.rehearsal.scenarios.stage import RunResult, Stage


@Scenario(expected_end="migrated", reason_contains=("Finish",))
def defect_after_the_commit(stage: Stage) -> RunResult:
    """The function has a defect in the last step. The deploy succeeds with a warning that names the step, and the site
    is migrated.
    """
    stage.inject_fault("function-crash", step="finish", times=0, error="KeyError", message="'a defect'")
    return stage.run()


@Scenario(expected_end="migrated", reason_contains=("Admit everyone",))
def nobody_can_be_admitted(stage: Stage) -> RunResult:
    """The function crashes in each attempt of the step that allows target traffic. A later step allows it."""
    stage.inject_fault("function-crash", step="admit", times=0)
    return stage.run()


@Scenario(expected_end="migrated", reason_contains=("Public name",))
def name_cannot_be_moved(stage: Stage) -> RunResult:
    """After the commit Route 53 refuses every change of the zone. The deploy succeeds with a warning, and the source
    forwards.
    """
    pending = stage.start_run()
    # Not earlier, because preflight tests the permission with a change. Not later, because the step forward moves the
    # names too.
    with stage.hold_at("admit"):
        stage.inject_fault("api-error", service="route53", action="ChangeResourceRecordSets", times=0)
    return stage.wait_for_result(pending)


# A folder in the place of the configuration file.
OBSTACLE = "rm -rf /etc/haproxy/cutover/forward.cfg && mkdir -p /etc/haproxy/cutover/forward.cfg/obstacle"


@Scenario(expected_end="migrated", reason_contains=("Forward",), source_forwards=False)
def source_cannot_forward(stage: Stage) -> RunResult:
    """After the commit the source's proxy cannot load its configuration for forwarding. The deploy succeeds with a
    warning, and the source stays frozen.
    """
    pending = stage.start_run()
    with stage.hold_at("commit"):
        stage.run_on("source-app", "sh", "-c", OBSTACLE)
    return stage.wait_for_result(pending)


@Scenario(expected_end="migrated", reason_contains=("Close delta",), orphaned_resources=("delta key",))
def key_of_the_delta_cannot_be_taken_away(stage: Stage) -> RunResult:
    """The function has a defect in the step that removes the replica's access to the source. The deploy succeeds with a
    warning.
    """
    stage.inject_fault("function-crash", step="deny-delta", times=0, error="KeyError", message="'a defect'")
    return stage.run()


@Scenario(
    expected_end="migrated", reason_contains=("Tidy up",), orphaned_resources=("content of the acceptance suite",)
)
def acceptance_is_not_tidied(stage: Stage) -> RunResult:
    """The function has a defect in the step that removes the content of the acceptance suite. The deploy succeeds with
    a warning that names the step, and nothing else remains.
    """
    stage.inject_fault("function-crash", step="tidy", times=0, error="KeyError", message="'a defect'")
    return stage.run()


@Scenario(
    expected_end="migrated", providers=ANY_PROVIDER, reason_contains=("Clean up",), orphaned_resources=("replica",)
)
def replica_cannot_be_removed(stage: Stage) -> RunResult:
    """The function has a defect in the step that removes the replica. The deploy succeeds with a warning."""
    stage.inject_fault("function-crash", step="clean-up", times=0, error="KeyError", message="'a defect'")
    return stage.run()
