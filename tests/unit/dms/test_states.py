import pytest

from rehearsal.aws.exceptions import ApiError
from rehearsal.dms.states import allow, allow_start_type

EVERY = ["creating", "ready", "starting", "running", "stopping", "stopped", "modifying", "deleting", "failed"]
ALLOWED = {
    "started": {"ready", "stopped", "failed"},
    "stopped": {"running"},
    "modified": {"ready", "stopped", "failed"},
    "deleted": {"ready", "stopped", "failed"},
    "assessed": {"ready", "stopped", "failed"},
    "reloaded": {"running"},
}


@pytest.mark.parametrize("what", ALLOWED)
@pytest.mark.parametrize("status", EVERY)
def test_a_request_is_allowed_only_in_its_states(what: str, status: str) -> None:
    if status in ALLOWED[what]:
        allow(what, status)
        return
    with pytest.raises(ApiError) as refused:
        allow(what, status)
    assert refused.value.code == "InvalidResourceStateFault"


@pytest.mark.parametrize(
    ("kind", "started_before", "valid"),
    [
        ("start-replication", False, True),
        ("start-replication", True, False),
        ("resume-processing", False, False),
        ("resume-processing", True, True),
        ("reload-target", False, False),
        ("reload-target", True, True),
    ],
)
def test_the_start_type_must_match_whether_the_task_ran_before(kind: str, started_before: bool, valid: bool) -> None:
    if valid:
        allow_start_type(kind, started_before=started_before)
        return
    with pytest.raises(ApiError) as refused:
        allow_start_type(kind, started_before=started_before)
    assert refused.value.code == "InvalidParameterCombinationException"
