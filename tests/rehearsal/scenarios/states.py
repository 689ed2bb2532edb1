"""The conditions of each state that a scenario may end in. Each function returns one sentence for each violation."""

from __future__ import annotations

import time
from collections.abc import Callable

from common.clients.compute import build_image_name
from common.site_parameters import SCRATCH, Parameter, build_parameter_path
from cutover_site.gogs.acceptance.session import PREFIX

from rehearsal.demo_settings import SITE
from rehearsal.job.comparison import Comparison
from tests.rehearsal.scenarios.fault_injection import POLL_INTERVAL_SECONDS
from tests.rehearsal.scenarios.scenario import Scenario
from tests.rehearsal.scenarios.stage import Stage

CLEANUP_TIMEOUT_SECONDS = 60.0


def find_problems_of_migrated_site(stage: Stage, scenario: Scenario) -> list[str]:
    """Return the problems of a site after the commit: its targets, its source, and the data on both."""
    stage.restart_killed("source-database")  # no user needs it now, but the comparison needs its rows
    problems = _find_orphaned_resources(stage, scenario)
    problems += _wait_for(
        "the auto scaling group does not have two targets",
        lambda: list(stage.list_running_machines().values()).count("target") >= 2,
    )
    mode = stage.get_source_mode()
    if mode != ("forward" if scenario.source_forwards else "frozen"):
        problems.append(f"the source's proxy is {mode}")
    overlap = stage.job.survey.find_overlap(stage.writers.ledger)
    if overlap.happened or overlap.apart is None:
        problems.append(f"the ledger does not show that only one site accepted writes at a time: {overlap}")
    compared = Comparison()
    stage.job.survey.compare(compared)
    problems += [f"compared: {one}" for one in _remove_expected_findings(stage, scenario, compared.findings)[:3]]
    if stage.run_on("source-database", "mysql", "-N", "-e", stage.job.site.closed_query).strip() != "1":
        problems.append("the source's database accepts writes")
    return problems


def find_problems_of_open_source(stage: Stage, scenario: Scenario) -> list[str]:
    """Return the problems of a site that is not migrated; this includes every test launch."""
    problems = []
    if stage.get_source_mode() != "open":
        problems.append(f"the source's proxy is {stage.get_source_mode()}")
    if scenario.only_dead_mans_switch:
        return problems
    record = stage.get_run_record()
    if "lock_expires" in record:
        problems.append(f"the lock is still held in phase {record.get('phase')}")
    if (mode := _get_target_mode(stage)) != SCRATCH:
        problems.append(f"the targets' mode is {mode}")
    if rules := count_ingress_rules(stage):
        problems.append(f"{rules} rules allow target traffic")
    problems += _find_orphaned_resources(stage, scenario)
    if (stage.get_replication_status() == "running") is not scenario.replication_resumes:
        problems.append(f"the replication task is {stage.get_replication_status()}")
    return problems


def find_problems_of_images(stage: Stage, new: int, *, replaced: bool) -> list[str]:
    """Return the problems of the images that runs created.

    There must be exactly `new` images. Each must be available and have one snapshot. Beside them there must be the
    images and snapshots from before the scenario, or, if they were `replaced`, no other.
    """
    ec2 = stage.aws.make_client("ec2")
    found = [one for one in ec2.describe_images(Owners=["self"])["Images"] if one["ImageId"] not in stage.images_before]
    snapshots = [one["Ebs"]["SnapshotId"] for image in found for one in image["BlockDeviceMappings"]]
    orphaned = stage.list_images() - stage.images_before - {image["ImageId"] for image in found} - set(snapshots)
    problems = [f"{one} belongs to no image" for one in sorted(orphaned)]
    missing = stage.images_before - stage.list_images()
    if missing and not replaced:
        problems.append(f"{', '.join(sorted(missing))} existed before the scenario and is missing")
    if replaced and (kept := stage.images_before - missing):
        problems.append(f"{', '.join(sorted(kept))} was replaced and is still there")
    if len(found) != new or len(snapshots) != new:
        named = ", ".join(f"{one['Name']} ({one['State']})" for one in found)
        problems.append(
            f"{new} new images are expected, there are {len(found)} with {len(snapshots)} snapshots: {named}"
        )
    if any(one["State"] != "available" for one in found):
        problems.append("an image is not available")
    if stage.kind == "test-launch" and new:
        run = stage.get_run_record()["run_id"]
        if [one["Name"] for one in found] != [build_image_name(SITE, run)]:
            problems.append(f"the image does not belong to the last run, {run}")
    return problems


def find_problems_of_provider(stage: Stage, scenario: Scenario, *, committed: bool) -> list[str]:
    """Return the problems of the source server, its jobs and its instances at the provider."""
    if scenario.only_dead_mans_switch:
        return []
    bucket = stage.get_replication_facts()["evidence_bucket"]
    launching = {one["run_id"] for one in stage.aws.read_records(bucket) if one.get("step") == "launch"}
    return stage.provider.find_problems(scenario, committed=committed, launching_runs=len(launching))


def _find_orphaned_resources(stage: Stage, scenario: Scenario) -> list[str]:
    problems = []
    if "replica" in scenario.orphaned_resources:
        if "replica" not in stage.list_running_machines().values():
            problems.append("no replica runs, but a warning reports one")
    else:
        problems += _wait_for("the replica still runs", lambda: "replica" not in stage.list_running_machines().values())
    has_delta_key = "cutover-delta" in stage.run_on(
        "source-app", "sh", "-c", f"cat /{stage.job.site.home}/.ssh/authorized_keys || true"
    )
    if has_delta_key and "delta key" not in scenario.orphaned_resources:
        problems.append("the replica's key still has access to the source")
    return problems


def _remove_expected_findings(stage: Stage, scenario: Scenario, findings: list[str]) -> list[str]:
    """Return the findings without those that a warning explains.

    The row of the acceptance suite's user counts the repositories that the suite did not remove.
    """
    if "content of the acceptance suite" not in scenario.orphaned_resources:
        return findings
    owners = f"SELECT DISTINCT owner_id FROM {stage.job.site.schema}.repository WHERE name LIKE '{PREFIX}%'"
    owner_ids = stage.run_on("rds", "mysql", "-N", "-e", owners).split()
    if not owner_ids:
        return [*findings, "the acceptance suite left no repository, but a warning reports some"]
    expected = {f"row '{owner}' of table user differs: num_repos" for owner in owner_ids}
    return [one for one in findings if one not in expected]


def _get_target_mode(stage: Stage) -> str:
    name = build_parameter_path(SITE, Parameter.MODE)
    return str(stage.aws.make_client("ssm").get_parameter(Name=name)["Parameter"]["Value"])


def count_ingress_rules(stage: Stage) -> int:
    """Return the number of address ranges from which target traffic is allowed."""
    group = stage.get_target_facts()["admission_security_group_id"]
    found = stage.aws.make_client("ec2").describe_security_groups(GroupIds=[group])["SecurityGroups"][0]
    return sum(len(rule["IpRanges"]) for rule in found["IpPermissions"])


def _wait_for(problem: str, condition: Callable[[], bool]) -> list[str]:
    """Return the problem if the condition does not become true in time.

    Some effects follow the response to CloudFormation: the end of a machine, or its replacement.
    """
    deadline = time.monotonic() + CLEANUP_TIMEOUT_SECONDS
    while not condition():
        if time.monotonic() > deadline:
            return [problem]
        time.sleep(POLL_INTERVAL_SECONDS)
    return []
