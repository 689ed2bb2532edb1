"""What must hold in each state that a scenario may end in. Each function answers one sentence for each thing that does
not.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from common.clients.compute import build_image_name
from common.site_parameters import SCRATCH, Parameter, parameter_path
from cutover_site.gogs.acceptance.session import PREFIX

from rehearsal.demo_settings import SITE
from rehearsal.job.comparison import Comparison
from tests.rehearsal.scenarios.plugs import LOOK_SECONDS
from tests.rehearsal.scenarios.scenario import Scenario
from tests.rehearsal.scenarios.stage import Stage

SETTLE_SECONDS = 60.0


def migrated(stage: Stage, scenario: Scenario) -> list[str]:
    stage.bring_back("source-database")  # users need it no more, but without its rows nothing can be compared
    wrong = _left(stage, scenario)
    wrong += until_true("the group has not two targets", lambda: list(stage.machines().values()).count("target") >= 2)
    mode = stage.mode_of_source()
    if mode != ("forward" if scenario.forwards else "frozen"):
        wrong.append(f"the source is {mode}")
    overlap = stage.job.survey.overlap(stage.writers.ledger)
    if overlap.happened or overlap.apart is None:
        wrong.append(f"that only one site took writes at a time is not shown: {overlap}")
    compared = Comparison()
    stage.job.survey.compare(compared)
    wrong += [f"compared: {one}" for one in _unexplained(stage, scenario, compared.findings)[:3]]
    if stage.on("source-database", "mysql", "-N", "-e", "SELECT @@GLOBAL.read_only").strip() != "1":
        wrong.append("the source's database takes writes")
    return wrong


def not_migrated(stage: Stage, scenario: Scenario) -> list[str]:
    """Also after a test launch, whatever it came to."""
    wrong = []
    if stage.mode_of_source() != "open":
        wrong.append(f"the source is {stage.mode_of_source()}")
    if scenario.left_alone:
        return wrong
    record = stage.record()
    if "lock_expires" in record:
        wrong.append(f"the lock is still held in phase {record.get('phase')}")
    if (mode := _mode_of_targets(stage)) != SCRATCH:
        wrong.append(f"the targets' mode is {mode}")
    if rules := admission_rules(stage):
        wrong.append(f"{rules} rules admit somebody to the target")
    wrong += _left(stage, scenario)
    if (stage.replication_status() == "running") is not scenario.replicates:
        wrong.append(f"the replication task is {stage.replication_status()}")
    return wrong


def images(stage: Stage, new: int) -> list[str]:
    """So many new images of runs, available and with one snapshot each, and no image or snapshot besides."""
    ec2 = stage.aws.client("ec2")
    found = [one for one in ec2.describe_images(Owners=["self"])["Images"] if one["ImageId"] not in stage.before]
    snapshots = [one["Ebs"]["SnapshotId"] for image in found for one in image["BlockDeviceMappings"]]
    left = stage.images() - stage.before - {image["ImageId"] for image in found} - set(snapshots)
    wrong = [f"{one} belongs to nothing" for one in sorted(left)]
    if gone := stage.before - stage.images():
        wrong.append(f"{', '.join(sorted(gone))} was there before")
    if len(found) != new or len(snapshots) != new:
        named = ", ".join(f"{one['Name']} ({one['State']})" for one in found)
        wrong.append(f"{new} new images are expected, there are {len(found)} with {len(snapshots)} snapshots: {named}")
    if any(one["State"] != "available" for one in found):
        wrong.append("an image is not available")
    if stage.kind == "test-launch" and new:
        run = stage.record()["run_id"]
        if [one["Name"] for one in found] != [build_image_name(SITE, run)]:
            wrong.append(f"the image is not the last run's, {run}")
    return wrong


def untouched(stage: Stage) -> list[str]:
    """A test launch refuses nobody: the source has answered every write."""
    refused = [one for one in stage.operations() if one.writes and not one.acknowledged]
    return [f"the source has not taken {len(refused)} writes, first: {refused[0].reason}"] if refused else []


def _left(stage: Stage, scenario: Scenario) -> list[str]:
    wrong = []
    if "replica" in scenario.leaves:
        if "replica" not in stage.machines().values():
            wrong.append("no replica was left, though a warning says so")
    else:
        wrong += until_true("replica left running", lambda: "replica" not in stage.machines().values())
    may_read = "cutover-delta" in stage.on("source-app", "sh", "-c", "cat /var/lib/gogs/.ssh/authorized_keys || true")
    if may_read and "key of the delta" not in scenario.leaves:
        wrong.append("the key of the delta may still read the source")
    return wrong


def _unexplained(stage: Stage, scenario: Scenario, findings: list[str]) -> list[str]:
    """Without the trace of what a warning says is left: repositories of the acceptance are counted in its
    user's row.
    """
    if "what the acceptance made" not in scenario.leaves:
        return findings
    owners = f"SELECT DISTINCT owner_id FROM gogs.repository WHERE name LIKE '{PREFIX}%'"
    left = stage.on("rds", "mysql", "-N", "-e", owners).split()
    if not left:
        return [*findings, "nothing of the acceptance was left, though a warning says so"]
    return [one for one in findings if one not in {f"row '{owner}' of table user differs: num_repos" for owner in left}]


def _mode_of_targets(stage: Stage) -> str:
    name = parameter_path(SITE, Parameter.MODE)
    return str(stage.aws.client("ssm").get_parameter(Name=name)["Parameter"]["Value"])


def admission_rules(stage: Stage) -> int:
    group = stage.aws.parameter(parameter_path(SITE, Parameter.TARGET))["admission_security_group_id"]
    found = stage.aws.client("ec2").describe_security_groups(GroupIds=[group])["SecurityGroups"][0]
    return sum(len(rule["IpRanges"]) for rule in found["IpPermissions"])


def until_true(otherwise: str, true: Callable[[], bool]) -> list[str]:
    """What takes its time after the answer: a machine that ends, one that is replaced."""
    deadline = time.monotonic() + SETTLE_SECONDS
    while not true():
        if time.monotonic() > deadline:
            return [otherwise]
        time.sleep(LOOK_SECONDS)
    return []
