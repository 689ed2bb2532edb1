"""After the commit the zone cannot be changed, for ever: the deploy succeeds with a warning, the source forwards."""

from __future__ import annotations

from tests.rehearsal.scenarios.scenario import Scenario
from tests.rehearsal.scenarios.stage import Ended, Stage


def act(stage: Stage) -> Ended:
    pending = stage.begin()
    with stage.at("point-name"):  # preflight has changed records without effect, which must pass
        stage.order("api-error", service="route53", action="ChangeResourceRecordSets", times=0)
    return stage.end(pending)


SCENARIO = Scenario(ends="migrated", act=act, says=("Public name",))
