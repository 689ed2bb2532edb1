"""The tool migrates a second application on real machines.

The application has no SSH, two schemas, one data root and another health page.

The tests are stages of one migration, in this order. tests/unit/procedure/test_second_application.py tests the state
machines. DMS and CloudEndure are independent of the application. `rows.py` copies the rows, and the disk of the replica
is an image of the source.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.rehearsal.second_application.cloud import SOURCE_ADDRESS, Cloud
from tests.waiting import wait_until

pytestmark = pytest.mark.rehearsal
FIRST, TEST, SECOND = "run-1", "run-test", "run-2"
WORKER = "tiny-worker.service"


def send_request(cloud: Cloud, machine: str, method: str, path: str, body: str = "") -> tuple[int, str]:
    """Send a request to the site through the machine's own proxy. Return status and body."""
    site = cloud.read_secret("site")
    user = f"{site['acceptance_username']}:{site['acceptance_password']}"
    command = ["curl", "-s", "-m", "10", "-u", user, "-X", method, "-w", "\n%{http_code}", f"http://127.0.0.1{path}"]
    result = cloud.execute(machine, *command, *(["--data-binary", "@-"] if body else []), text=body)
    text, _, status = result.rpartition("\n")
    return int(status), text


def read_beats(cloud: Cloud) -> tuple[str, str]:
    """Return the values that the worker changes continuously, in the database and in the data root."""
    query = ["mariadb", "-N", "-e", "SELECT beats FROM tiny_content.beat"]
    return cloud.execute(cloud.source_database, *query), cloud.execute(
        cloud.source, "cat", "/srv/tiny/uploads/pictures/beat"
    )


def freeze(cloud: Cloud, run: str) -> dict[str, Any]:
    cloud.begin_run(run)
    # The test below waits for the refusal, which comes after the hold.
    frozen = cloud.run_tool(cloud.source, "freeze", "--run", run, "--lease", "600", "--hold", "1")
    return {**frozen, **cloud.run_tool(cloud.source_database, "freeze-database", "--run", run)}


def test_check_returns_the_facts_of_the_applications_profile(cloud: Cloud) -> None:
    application = cloud.run_tool(cloud.source, "check")
    assert {key: application[key] for key in ("mode", "freeze", "tiny", "proxy", "hold", "health", "queue")} == {
        "mode": "open", "freeze": "open", "tiny": "active", "proxy": "active", "hold": "ok",
        "health": "ok", "queue": [],
    }  # fmt: skip
    database = cloud.run_tool(cloud.source_database, "check")["database"]
    assert (database["too_old"], database["tables_without_primary_key"], database["not_carried"]) == ("", [], [])


def test_a_freeze_stops_the_writers_and_a_thaw_starts_them(cloud: Cloud) -> None:
    # Given a site that accepts writes, and a background worker that writes
    assert send_request(cloud, cloud.source, "POST", "/pages?title=first", "a picture")[0] == 201
    before = read_beats(cloud)
    wait_until(
        lambda: all(new != old for new, old in zip(read_beats(cloud), before, strict=True)), "the worker's writes"
    )

    # When the site is frozen
    facts = freeze(cloud, FIRST)

    # Then nothing is written, reads continue, and the binary log proves it
    assert facts["processes_ended"] + facts["background_stopped"] >= 1
    still = read_beats(cloud)
    assert send_request(cloud, cloud.source, "POST", "/pages?title=refused", "x")[0] == 503
    status, pages = send_request(cloud, cloud.source, "GET", "/pages")
    assert (status, [page["title"] for page in json.loads(pages)["pages"]]) == (200, ["first"])
    assert cloud.run_tool(cloud.source_database, "prove-frozen", "--run", FIRST) == {"ok": True, "frozen": FIRST}
    assert read_beats(cloud) == still

    # And when it is thawed, users and worker write again
    cloud.run_tool(cloud.source_database, "thaw", "--run", FIRST)
    cloud.run_tool(cloud.source, "thaw", "--run", FIRST)
    assert send_request(cloud, cloud.source, "POST", "/pages?title=second", "another picture")[0] == 201
    wait_until(
        lambda: all(new != old for new, old in zip(read_beats(cloud), still, strict=True)), "the worker's writes"
    )


@pytest.fixture(scope="module")
def replicated_disk(cloud: Cloud) -> str:
    """Create an image of the source's disk while the source serves."""
    return cloud.create_image(cloud.source, "replicated-disk")


def copy_rows(cloud: Cloud, machine: str, here: Path) -> None:
    """Copy every row to the target, from the machine."""
    rows = (here / "rows.py").read_text()
    cloud.execute(machine, "env", "PYTHONPATH=/opt/cutover/lib", "python3", "-c", rows)


def test_a_test_launch_passes_on_scratch_copies_of_both_schemas(cloud: Cloud, replicated_disk: str, here: Path) -> None:
    # Given a target with the source's tables and rows, and a replica of a test launch
    prepared = cloud.run_tool(cloud.source, "prepare-target-database")
    assert prepared["tables"] == {"tiny_content": 3, "tiny_users": 2, "cutover": 1}
    tested = cloud.launch("replica", image=replicated_disk, run_id=TEST, launch="TEST")
    cloud.boot(tested)
    copy_rows(cloud, tested, here)
    cloud.begin_run(TEST)

    # When its post-launch script runs
    report = cloud.run_tool(tested, "post-launch")

    # Then it serves the scratch copies and has passed the acceptance suite, which wrote only into them
    assert (report["outcome"], report["reason"]) == ("pass", "")
    assert {check["name"] for check in report["checks"]} > {"scratch database", "page", "picture", "leftovers"}
    pages = json.loads(send_request(cloud, tested, "GET", "/pages")[1])["pages"]
    assert [page["title"] for page in pages] == ["first", "second"]
    assert cloud.run_tool(tested, "digest-database", "--side", "target")["tables"]["page"]["rows"] == 2
    cloud.ec2.terminate_instances(InstanceIds=[tested])


@pytest.fixture(scope="module")
def replica(cloud: Cloud, replicated_disk: str) -> str:
    """Launch a copy of the source's disk for the cutover."""
    machine = cloud.launch("replica", image=replicated_disk, run_id=SECOND, launch="CUTOVER")
    cloud.boot(machine)
    return machine


def test_a_launched_replica_does_not_serve(cloud: Cloud, replica: str) -> None:
    state = ["systemctl", "show", "--property=ActiveState", "--value", *cloud.profile.units]
    assert cloud.execute(replica, *state).split() == ["inactive", "inactive"]


def test_files_and_rows_of_both_schemas_are_copied(cloud: Cloud, replica: str, here: Path) -> None:
    # Given the bulk copy of the files while the source serves
    key = cloud.run_tool(replica, "delta-key")["public_key"]
    cloud.run_tool(cloud.source, "allow-delta", "--key", key, "--address", cloud.find_address(replica))
    cloud.begin_run(SECOND)
    assert cloud.run_tool(replica, "post-launch")["outcome"] == "pass"
    cloud.run_tool(replica, "delta", "--source", SOURCE_ADDRESS)
    moment = cloud.run_tool(cloud.source, "digest-files", "--side", "source")["moment"]
    assert send_request(cloud, cloud.source, "POST", "/pages?title=third", "a third picture")[0] == 201

    # When the source is frozen and the delta is copied
    freeze(cloud, SECOND)
    carried = cloud.run_tool(replica, "delta", "--source", SOURCE_ADDRESS, "--since", moment)
    copy_rows(cloud, replica, here)

    # Then both sides have the same files and rows
    assert carried["whole"] is False
    since = ("digest-files", "--since", moment, "--side")
    assert (
        cloud.run_tool(cloud.source, *since, "source")["digests"] == cloud.run_tool(replica, *since, "live")["digests"]
    )
    files = [
        cloud.run_tool(machine, "digest-files", "--side", side)["digests"]
        for machine, side in ((cloud.source, "source"), (replica, "live"))
    ]
    assert files[0] == files[1]
    assert set(files[0]) == {"pictures", "other"}
    rows_of = {side: cloud.run_tool(replica, "digest-database", "--side", side) for side in ("source", "target")}
    assert rows_of["source"]["tables"] == rows_of["target"]["tables"]
    assert set(rows_of["source"]["tables"]) == {"page", "outbox", "beat", "tiny_users.user", "tiny_users.mail"}
    assert rows_of["source"]["tables"]["page"]["rows"] == 3
    assert cloud.run_tool(replica, "wait-marker", "--run", SECOND, "--timeout", "5")["marker"] == SECOND
    # Only a table whose last rows were deleted has another next number.
    assert set(cloud.run_tool(replica, "carry-counters")["carried"]) == {"outbox"}
    cloud.run_tool(cloud.source, "deny-delta")
    cloud.run_tool(cloud.source_database, "prove-frozen", "--run", SECOND)


def test_the_image_contains_neither_secrets_nor_data(cloud: Cloud, replica: str) -> None:
    assert cloud.run_tool(replica, "prepare-image")["sealed"] is True
    assert cloud.execute(replica, "find", "/etc/tiny", "/srv/tiny/uploads", "-type", "f") == ""
    # By standard input, because systemd logs the command line in the journal.
    search = ["sh", "-c", "grep -rlsF -f - /etc /opt /srv /var /root; test $? = 1"]
    assert cloud.execute(replica, *search, text=cloud.read_secret("application")["password"]) == ""


@pytest.fixture(scope="module")
def target(cloud: Cloud, replica: str) -> str:
    """Launch a server of the target site from the sealed disk. It serves the live data."""
    cloud.put_parameter("mode", "live")
    machine = cloud.launch("target", image=cloud.create_image(replica, "sealed-disk"))
    cloud.boot(machine)
    return machine


def test_a_target_serves_the_content_of_the_source_and_accepts_writes(cloud: Cloud, target: str) -> None:
    # Given a booted target that serves
    wait_until(lambda: send_request(cloud, target, "GET", "/alive")[0] == 200, "the target's application", seconds=60)

    # Then it has the pages, their pictures and the users of the source
    pages = json.loads(send_request(cloud, target, "GET", "/pages")[1])["pages"]
    assert [page["title"] for page in pages] == ["first", "second", "third"]
    assert send_request(cloud, target, "GET", f"/pictures/{pages[2]['picture']}") == (200, "a third picture")

    # And the steps of the procedure work: stage and activate
    run = ("--run", SECOND, "--mode", "live")
    assert cloud.run_tool(target, "stage", *run)["switched"] is False
    activated = cloud.run_tool(target, "activate", *run)
    assert (activated["mode"], activated["background"]) == ("live", True)
    status, made = send_request(cloud, target, "POST", "/pages?title=fourth", "a fourth picture")
    assert (status, json.loads(made)["id"]) == (201, 4), "its next numbers continue after the source's"
    assert cloud.execute(target, "systemctl", "is-active", *cloud.profile.units).split() == ["active", "active"]
    programs = [cloud.run_tool(machine, "digest-program")["digests"] for machine in (cloud.source, target)]
    assert programs[0] == programs[1]


def test_the_applications_acceptance_suite_accepts_the_target(cloud: Cloud, target: str) -> None:
    where = ("--url", "http://tiny.example", "--resolve", "127.0.0.1")
    checks = cloud.run_tool(target, "accept", *where)["checks"]
    assert {check["name"]: check["outcome"] for check in checks} == dict.fromkeys(
        ("health", "password", "page", "picture", "leftovers"), "pass"
    )

    # And with --live it leaves its page, which a later cleanup removes
    cloud.run_tool(target, "accept", "--live", *where)
    assert "acceptance-" in send_request(cloud, target, "GET", "/pages")[1]
    cloud.run_tool(target, "tidy", *where)
    assert "acceptance-" not in send_request(cloud, target, "GET", "/pages")[1]


def test_the_source_forwards_to_the_target_permanently(cloud: Cloud, target: str) -> None:
    cloud.run_tool(cloud.source, "forward", "--run", SECOND, "--http", f"{cloud.find_address(target)}:80")
    assert "fourth" in send_request(cloud, cloud.source, "GET", "/pages")[1]
    state = ["systemctl", "show", "--property=ActiveState", "--value", *cloud.profile.units]
    assert set(cloud.execute(cloud.source, *state).split()) == {"inactive"}
