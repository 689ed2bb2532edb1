"""A comparison that could not run is a finding, not a pass."""

from pathlib import Path
from typing import Any

from rehearsal.job.aws import Aws
from rehearsal.job.comparison import Comparison
from rehearsal.job.site import describe_demo
from rehearsal.job.survey import Survey
from rehearsal.settings import Settings


class Facts(Aws):
    """An AWS that has only the replication parameter."""

    def __init__(self) -> None: ...

    def read_parameter(self, name: str) -> dict[str, Any]:  # noqa: ARG002
        return {"source_app_instance_id": "i-1", "file_system_id": "fs-1"}


def test_every_part_of_a_missing_world_is_a_finding(tmp_path: Path) -> None:
    # Given a world without machines and disks
    settings = Settings.load({"REHEARSAL_HOME": str(tmp_path)})
    result = Comparison()
    # When source and target are compared
    Survey(settings, Facts(), describe_demo()).compare(result)
    # Then each part is a finding of its own
    findings = "\n".join(result.findings)
    assert len(result.findings) == 4
    for part in ("the rows of schema gogs could", "the rows of schema cutover could", "repositories could", "files could not be compared"):  # fmt: skip
        assert part in findings
