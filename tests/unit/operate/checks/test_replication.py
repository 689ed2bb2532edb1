"""The state of the replication is checked where it is deployed and published."""

from __future__ import annotations

from common.errors import StepFailed
from common.site_parameters import Replication

from tests.unit.operate.checks.account import FakeAccount
from tests.unit.operate.checks.run import list_bad


def test_a_lag_that_is_not_published_is_not_checked() -> None:
    (found,) = list_bad(FakeAccount(lag=None))

    assert (found.area, found.state) == ("replication", "unchecked")


def test_before_the_replication_is_deployed_its_areas_name_the_stack_to_deploy() -> None:
    class Fresh(FakeAccount):
        @property
        def replication(self) -> Replication:
            raise StepFailed(
                "parameter /cutover/gogs/replication does not exist", next_action="deploy ReplicationStack"
            )

    found = list_bad(Fresh())

    assert [finding.area for finding in found] == ["replication", "source"]
    assert {finding.next_action for finding in found} == {"deploy ReplicationStack"}
