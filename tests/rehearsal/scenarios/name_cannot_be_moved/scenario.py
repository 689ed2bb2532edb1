"""After the commit the zone cannot be changed, for ever: the deploy succeeds with a warning, the source forwards."""

from __future__ import annotations

from tests.rehearsal.scenarios.scenario import Scenario
from tests.rehearsal.scenarios.stage import Ended, Stage

# Preflight tries the permission by two writes without effect, which must pass.
NTH = 3


def act(stage: Stage) -> Ended:
    stage.order("api-error", service="route53", action="ChangeResourceRecordSets", body="UPSERT", nth=NTH, times=0)
    return stage.cutover()


SCENARIO = Scenario(ends="migrated", act=act, says=("Public name",))
