"""What fails after the commit ends in a warning, never in a failed deploy."""

from __future__ import annotations

from tests.rehearsal.scenarios.scenario import Scenario
from tests.rehearsal.scenarios.stage import Ended, Stage


@Scenario(ends="migrated", says=("Finish",))
def defect_after_the_commit(stage: Stage) -> Ended:
    """The function has a defect in the last step: the deploy succeeds with a warning that names it, and the site has
    moved.
    """
    stage.order("function-crash", step="finish", times=0, error="KeyError", message="'a defect'")
    return stage.run()


@Scenario(ends="migrated", says=("Admit everyone",))
def nobody_can_be_admitted(stage: Stage) -> Ended:
    """The function dies in each try of the step that admits everyone: later steps do it."""
    stage.order("function-crash", step="admit", times=0)
    return stage.run()


@Scenario(ends="migrated", says=("Public name",))
def name_cannot_be_moved(stage: Stage) -> Ended:
    """After the commit the zone cannot be changed, for ever: the deploy succeeds with a warning, the source
    forwards.
    """
    pending = stage.begin()
    with stage.at("point-name"):  # preflight has changed records without effect, which must pass
        stage.order("api-error", service="route53", action="ChangeResourceRecordSets", times=0)
    return stage.end(pending)


# A folder where its configuration belongs.
OBSTACLE = "rm -rf /etc/haproxy/cutover/forward.cfg && mkdir -p /etc/haproxy/cutover/forward.cfg/obstacle"


@Scenario(ends="migrated", says=("Forward",), forwards=False)
def source_cannot_forward(stage: Stage) -> Ended:
    """After the commit the source's proxy cannot be told to forward: the deploy succeeds with a warning, the source
    stays frozen.
    """
    pending = stage.begin()
    with stage.at("commit"):
        stage.on("source-app", "sh", "-c", OBSTACLE)
    return stage.end(pending)


@Scenario(ends="migrated", says=("Close delta",), leaves=("key of the delta",))
def key_of_the_delta_cannot_be_taken_away(stage: Stage) -> Ended:
    """The function has a defect in the step that closes the way of the files: the deploy succeeds and says so."""
    stage.order("function-crash", step="deny-delta", times=0, error="KeyError", message="'a defect'")
    return stage.run()


@Scenario(ends="migrated", says=("Tidy up",), leaves=("what the acceptance made",))
def acceptance_is_not_tidied(stage: Stage) -> Ended:
    """The function has a defect in the step that takes away what the acceptance made: the deploy succeeds with a
    warning that names it, and that alone is left.
    """
    stage.order("function-crash", step="tidy", times=0, error="KeyError", message="'a defect'")
    return stage.run()


@Scenario(ends="migrated", says=("Clean up",), leaves=("replica",))
def replica_cannot_be_removed(stage: Stage) -> Ended:
    """The function has a defect in the step that removes the replica: the deploy succeeds and says so."""
    stage.order("function-crash", step="clean-up", times=0, error="KeyError", message="'a defect'")
    return stage.run()
