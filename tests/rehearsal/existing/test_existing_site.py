"""A site that others installed, outside of AWS, migrates with AWS MGN while a client writes. Then faults hit its runs.

With GOGS_ARCHIVE a real Gogs.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from typing import Any

import pytest

from rehearsal import supervise
from rehearsal.cleanup import list_leftovers
from rehearsal.foreign_site import content, facts, shapes
from rehearsal.job.evidence import Evidence
from rehearsal.job.existing import ExistingJob
from rehearsal.job.progress import Progress
from rehearsal.job.survey import DATABASE
from rehearsal.settings import MARK, Settings
from rehearsal.world import CLIENT, enter
from tests.rehearsal.ports import find_free_ports
from tests.rehearsal.scenarios import scenario
from tests.rehearsal.scenarios.cases import run_case
from tests.rehearsal.scenarios.limits import LIMITS
from tests.rehearsal.scenarios.stage import Stage

pytestmark = [pytest.mark.rehearsal, pytest.mark.timeout(1500)]
SHAPE_NAME = os.environ.get("REHEARSAL_SHAPE") or "home"
SHAPE = shapes.SHAPES[SHAPE_NAME]
AGENT = "var/lib/aws-replication-agent"


class ObservedJob(ExistingJob):
    """Looks at the site before the product touches it, when it is prepared, and when it is released."""

    def __init__(self, settings: Settings, progress: Progress, evidence: Evidence) -> None:
        super().__init__(settings, progress, evidence)
        self.seen: dict[str, Any] = {}

    def adopt(self, *, with_agent: bool) -> None:
        if self.seen:
            super().adopt(with_agent=with_agent)
            self.seen["adopted again"] = self.read_facts()
            return
        self.seen.update(
            {
                "identity": self.run_on_server(f"id {self.shape.user}; stat -c '%U %a' {self.shape.settings_file}"),
                "hooks": self.run_on_server(f"cat {self.shape.repositories}/{content.REPOSITORY}.git/hooks/update"),
                "product": self.run_on_server("ls -d /opt/cutover /etc/cutover /srv/gogs 2>/dev/null || true"),
                "second factor": self.query(
                    f"SELECT COUNT(*) FROM two_factor JOIN user ON user.id = user_id WHERE name = '{content.CAREFUL}'"
                ),
                "mirrors": self.query("SELECT COUNT(*) FROM mirror"),
                "binary log": self.query("SELECT @@binlog_format, @@log_bin"),
                "page": self.browse(f"{self.shape.url}/user/login"),
                "untrusted": self.browse(f"{self.shape.url}/", trusted=False),
                "database": self.browse(f"http://{facts.SERVER_PUBLIC_IP}:3306/"),
                "program": self.evidence.program,
                "lines": list(self.evidence.source),
            }
        )
        super().adopt(with_agent=with_agent)
        self.seen["adopted"] = self.read_facts()

    def release(self) -> None:
        super().release()
        self.seen["released"] = self.read_facts()

    def read_facts(self) -> dict[str, str]:
        """Return what listens at the port that Gogs was installed with, and what a user gets."""
        return {
            "listener": self.run_on_server(
                f"ss -Hltnp 'sport = :{self.shape.port}' | grep -o 'users:((\"[a-z]*' | sort -u"
            ),
            "page": self.browse(f"{self.shape.url}/user/login"),
        }

    def run_on_server(self, script: str) -> str:
        done = enter.run(self.settings, facts.SERVER, ["bash", "-c", script], timeout=30)
        assert done.exit_code == 0, done.stderr
        return done.stdout.strip()

    def query(self, statement: str) -> str:
        """Return the response of the site's database, as its own root reads it."""
        words = ["mysql", "--batch", "--skip-column-names", self.shape.schema, "-e", statement]
        done = enter.run(self.settings, DATABASE, words, timeout=30)
        assert done.exit_code == 0, done.stderr
        return done.stdout.strip()

    def browse(self, url: str, *, trusted: bool = True) -> str:
        """Return the status that a user of the internet gets, or curl's exit code with a minus sign."""
        trust = ["--cacert", str(self.settings.state / "authority.crt")] if trusted else []
        words = ["ip", "netns", "exec", self.settings.name_namespace(CLIENT), "curl", "-s", "-m", "5", *trust]
        done = subprocess.run(
            [*words, "-o", "/dev/null", "-w", "%{http_code}", url], capture_output=True, text=True, check=False
        )
        return done.stdout if done.returncode == 0 else f"-{done.returncode}"


@pytest.fixture(scope="module")
def monkeypatch_module() -> Iterator[pytest.MonkeyPatch]:
    with pytest.MonkeyPatch.context() as patch:
        yield patch


@pytest.fixture(scope="module")
def job(monkeypatch_module: pytest.MonkeyPatch) -> Iterator[ObservedJob]:
    """A job in a new world with a replicated source, which is removed afterwards."""
    home = tempfile.mkdtemp(prefix="cutover-existing-")
    own = {"REHEARSAL_PORT": str(find_free_ports()), "REHEARSAL_HOME": home, "REHEARSAL_PROVIDER": "mgn"}
    own["REHEARSAL_SHAPE"] = SHAPE_NAME
    settings = Settings.load({**os.environ, **own})
    monkeypatch_module.setenv(MARK, settings.mark)  # if this process is killed, `down` finds its children by the mark
    made = ObservedJob(settings, Progress(ObservedJob.build_plan(settings)), Evidence())
    made.more_settings = LIMITS
    try:
        made.start_world()
        made.build_source()
        made.start_writing()
        made.replicate()
        yield made
    finally:
        made.stop_writing()
        supervise.stop_world(settings, print)
        shutil.rmtree(home)
    assert list_leftovers(settings) == []


@pytest.fixture(scope="module")
def seen(job: ObservedJob) -> dict[str, Any]:
    return job.seen


@pytest.fixture(scope="module")
def stage(job: ObservedJob) -> Stage:
    return Stage.prepare(job)


def test_the_owners_installation_has_nothing_of_the_product(seen: dict[str, Any]) -> None:
    assert seen["product"] == ""
    assert f"uid={SHAPE.user_id}({SHAPE.user})" in seen["identity"]
    assert SHAPE.settings_owner in seen["identity"]


def test_users_reach_the_site_by_tls_alone_and_the_database_not_at_all(seen: dict[str, Any]) -> None:
    assert seen["page"] == "200"
    assert seen["untrusted"] == "-60", "curl's code of a certificate that nobody vouches for"
    assert seen["database"] == "-28", "the router drops what is not published"


def test_the_site_has_hooks_with_absolute_paths_and_what_its_owner_chose(
    seen: dict[str, Any],
) -> None:
    assert seen["second factor"] == ("1" if SHAPE.has_second_factor else "0")
    assert SHAPE.program in seen["hooks"]
    assert seen["mirrors"] == ("1" if seen["program"] == "release" else "0")


def test_the_proxy_stands_before_gogs_while_the_site_is_adopted_and_no_longer(seen: dict[str, Any]) -> None:
    assert "haproxy" in seen["adopted"]["listener"]
    assert "haproxy" not in seen["released"]["listener"]
    assert seen["adopted"]["page"] == seen["released"]["page"] == "200"


def test_the_check_refuses_the_database_until_its_owner_prepares_it(seen: dict[str, Any]) -> None:
    assert seen["binary log"] == "ROW\t1"
    as_installed, prepared = seen["lines"][-2:]
    # A server of its own writes no binary log at first. A managed service removes it too early.
    finding = "managed-database" if SHAPE.is_managed else "binary-log"
    assert finding in as_installed
    assert finding not in prepared


def test_the_site_is_migrated_with_mgn_and_nothing_is_lost(stage: Stage) -> None:
    # When the user deployed the migration while a client wrote (Stage.prepare took a checkpoint before its cutover)
    job = stage.job
    job.require_writes()
    job.look_up()
    job.compare()
    job.search_secrets()
    job.conclude()
    # Then every claim of the main job is true
    evidence = job.evidence
    assert (evidence.outcome, evidence.reason) == ("migrated", None)
    assert evidence.provider == "AWS MGN"
    assert evidence.ledger["lost"] == []
    # And MGN launched what was tested, and ended the replication afterwards
    jobs = job.aws.make_client("mgn").describe_jobs(filters={})["items"]
    assert {one["initiatedBy"] for one in jobs} >= {"START_TEST", "START_CUTOVER"}
    (server,) = job.aws.make_client("mgn").describe_source_servers(filters={})["items"]
    assert server["lifeCycle"]["state"] == "CUTOVER"
    # And MGN removed its agent from the source
    root = job.settings.mounts / facts.SERVER
    assert not (root / AGENT).exists()
    assert (root / "var/lib/cutover/mgn-agent.json").is_file()


def test_a_target_has_the_owners_paths_and_nothing_of_the_servers_registration(stage: Stage) -> None:
    target = next(machine for machine, role in stage.list_running_machines().items() if role == "target")
    assert stage.run_on(target, "stat", "-c", "%u", SHAPE.repositories).strip() == str(SHAPE.user_id)
    assert "haproxy" in stage.run_on(target, "ss", "-Hltnp", "sport = :2222")
    registration = "/var/lib/amazon/ssm/registration"
    assert stage.run_on(target, "sh", "-c", f"test -e {registration} && echo there || echo none").strip() == "none"


@pytest.mark.parametrize(
    "name", scenario.expand_steps(scenario.select_names("mgn", only_always=True, shape=SHAPE_NAME))
)
def test_a_scenario_ends_in_its_expected_state(stage: Stage, name: str, request: pytest.FixtureRequest) -> None:
    run_case(stage, name, request.config)
