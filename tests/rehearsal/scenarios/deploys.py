"""What only the CDK CLI can show, with the world's own stack; the last in its world, which is not reset afterwards. Run
by `make scenarios`.
"""

from __future__ import annotations

import re
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from rehearsal.job.deploys import DeployFailed
from rehearsal.job.rehearse import ROOT
from tests.rehearsal.scenarios import outcome
from tests.rehearsal.scenarios.plugs import wait
from tests.rehearsal.scenarios.scenario import Scenario
from tests.rehearsal.scenarios.stage import Ended, Stage

pytestmark = [pytest.mark.rehearsal, pytest.mark.timeout(1200)]
DEPLOY_SECONDS = 600


def ask_for(stage: Stage, cutover_id: str) -> None:
    """A new run, as a user asks for it: by the one key of migration.toml."""
    file = stage.settings.home / "migration.toml"
    file.write_text(re.sub(r'(?m)^cutover_id = ".*"', f'cutover_id = "{cutover_id}"', file.read_text()))


def status(stage: Stage) -> str:
    found = stage.aws.client("cloudformation").describe_stacks(StackName="MigrationStack")["Stacks"][0]
    return str(found["StackStatus"])


@contextmanager
def deploying(stage: Stage) -> Iterator[subprocess.Popen[bytes]]:
    """`cdk deploy MigrationStack` at work."""
    with (stage.settings.logs / "killed-cdk.log").open("wb") as log:
        process = subprocess.Popen(
            [str(ROOT / "node_modules/.bin/cdk"), "deploy", "MigrationStack", "--require-approval", "never"],
            cwd=ROOT,
            env=dict(stage.job.environment),
            stdout=log,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
        yield process
        process.kill()
        process.wait()


def test_an_image_that_fails_fails_the_deploy_and_leaves_nothing(stage: Stage) -> None:
    # Given a world before its cutover, and an image that cannot be made
    stage.restore()
    stage.used = True
    stage.start_writing()
    ask_for(stage, "without-image")
    stage.order("image-fails", message="the snapshot is damaged")
    # When a new run is deployed
    with pytest.raises(DeployFailed) as failed:
        stage.job.migrate()
    # Then the deploy says which phase and why, and the site is as it was
    assert "Image" in str(failed.value)
    assert "damaged" in str(failed.value)
    found = outcome.look(stage, Scenario(ends="not migrated"), Ended(False, str(failed.value), 0.0))
    assert found.wrong == []


def test_the_cli_is_killed_in_the_window_and_run_again(stage: Stage) -> None:
    # Given a deploy whose run has frozen the source; when its CDK CLI is killed
    stage.start_writing()
    ask_for(stage, "killed")
    with deploying(stage) as cdk, stage.at("drain"):
        cdk.send_signal(signal.SIGKILL)
        cdk.wait()
    # Then CloudFormation and the run go on without it
    wait("the stack", DEPLOY_SECONDS, lambda: status(stage) == "UPDATE_COMPLETE")
    # And the same command again changes nothing; the deploy's test launch has left its image
    run = stage.record()
    stage.job.migrate()
    assert stage.record() == run
    found = outcome.look(stage, Scenario(ends="migrated", new_images=1), Ended(True, "", 0.0))
    assert found.wrong == []


def test_a_moved_site_is_not_moved_again(stage: Stage) -> None:
    # Given a committed site; when another run is asked for
    ask_for(stage, "once-more")
    with pytest.raises(DeployFailed) as failed:
        stage.job.migrate()
    # Then it is refused, and the stack goes back to what it was
    assert "already moved" in str(failed.value)
    assert status(stage) == "UPDATE_ROLLBACK_COMPLETE"
    assert stage.record()["decision"] == "commit"
    assert stage.mode_of_source() == "forward"


def test_destroying_the_moved_site_keeps_its_rows_and_files(stage: Stage) -> None:
    # Given a committed site and what is in it
    kept = what_is_kept(stage)
    assert kept["rows"] > 0
    assert kept["files"] > 0
    # When its stack is destroyed
    stage.job.destroy("MigrationStack")
    # Then its servers are gone, rows and files are as they were, and the source still takes no writes
    assert "target" not in stage.machines().values()
    assert what_is_kept(stage) == kept
    assert stage.mode_of_source() == "forward"
    assert stage.record()["decision"] == "commit"


def what_is_kept(stage: Stage) -> dict[str, int]:
    sums = stage.on("rds", "mysql", "-N", "-e", "CHECKSUM TABLE gogs.user, gogs.repository, gogs.issue")
    (folder,) = (stage.settings.pool / "efs").glob("fs-*/live")
    return {
        "rows": sum(int(line.split()[-1]) for line in sums.splitlines()),
        "files": sum(1 for found in folder.rglob("*") if found.is_file()),
    }
