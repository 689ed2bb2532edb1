"""The site that others installed, as `make rehearse SOURCE=existing` builds it. With GOGS_ARCHIVE a real Gogs."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rehearsal.cleanup import list_leftovers
from rehearsal.foreign_site import content, facts
from rehearsal.job.evidence import Evidence
from rehearsal.job.existing import NOT_YET, ExistingJob, run_existing
from rehearsal.job.progress import Progress
from rehearsal.settings import Settings
from rehearsal.world import CLIENT, enter
from tests.rehearsal.ports import find_free_ports

pytestmark = pytest.mark.rehearsal


class ObservedJob(ExistingJob):
    """Looks at the site before the product touches it, when it is prepared, and when it is released."""

    seen: dict[str, Any]

    def adopt(self) -> None:
        self.seen = {
            "identity": self.run_on_server(f"id {facts.USER}; stat -c '%U %a' {facts.WORK_DIR}/custom/conf/app.ini"),
            "hooks": self.run_on_server(f"cat {facts.HOME}/gogs-repositories/{content.REPOSITORY}.git/hooks/update"),
            "product": self.run_on_server("ls -d /opt/cutover /etc/cutover /srv/gogs 2>/dev/null || true"),
            "second factor": self.query(
                f"SELECT COUNT(*) FROM two_factor JOIN user ON user.id = user_id WHERE name = '{content.CAREFUL}'"
            ),
            "mirrors": self.query("SELECT COUNT(*) FROM mirror"),
            "binary log": self.query("SELECT @@binlog_format, @@log_bin"),
            "page": self.browse(facts.URL),
            "untrusted": self.browse(facts.URL, trusted=False),
            "database": self.browse(f"http://{facts.SERVER_PUBLIC_IP}:3306/"),
            "program": self.evidence.program,
            "lines": list(self.lines),
        }
        super().adopt()
        self.seen["adopted"] = self.read_facts()

    def release(self) -> None:
        super().release()
        self.seen["released"] = self.read_facts()

    def read_facts(self) -> dict[str, str]:
        """Return what listens at the port that Gogs was installed with, and what a user gets."""
        return {
            "listener": self.run_on_server("ss -Hltnp 'sport = :3000' | grep -o 'users:((\"[a-z]*' | sort -u"),
            "page": self.browse(facts.URL),
        }

    def run_on_server(self, script: str) -> str:
        done = enter.run(self.settings, facts.SERVER, ["bash", "-c", script], timeout=30)
        assert done.exit_code == 0, done.stderr
        return done.stdout.strip()

    def query(self, statement: str) -> str:
        return self.run_on_server(f'mariadb --batch --skip-column-names {facts.SCHEMA} -e "{statement}"')

    def browse(self, url: str, *, trusted: bool = True) -> str:
        """Return the status that a user of the internet gets, or curl's exit code with a minus sign."""
        trust = ["--cacert", str(self.settings.state / "authority.crt")] if trusted else []
        words = ["ip", "netns", "exec", self.settings.name_namespace(CLIENT), "curl", "-s", "-m", "5", *trust]
        done = subprocess.run(
            [*words, "-o", "/dev/null", "-w", "%{http_code}", url], capture_output=True, text=True, check=False
        )
        return done.stdout if done.returncode == 0 else f"-{done.returncode}"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, dict[str, Any], dict[str, Any]]]:
    """Run the job; return its exit code, its evidence, and what was seen."""
    home: Path = tmp_path_factory.mktemp("existing")
    kept = {key: value for key, value in os.environ.items() if key in ("REHEARSAL_CACHE", "GOGS_ARCHIVE")}
    settings = Settings.load({**kept, "REHEARSAL_PORT": str(find_free_ports()), "REHEARSAL_HOME": str(home)})
    jobs: list[ObservedJob] = []

    def make_job(settings: Settings, progress: Progress, evidence: Evidence) -> ExistingJob:
        jobs.append(ObservedJob(settings, progress, evidence))
        return jobs[0]

    code = run_existing(settings, keep=False, make_job=make_job)
    evidence = json.loads((home / "evidence.json").read_text())
    assert evidence["outcome"] == "not migrated", evidence["reason"]
    yield code, evidence, jobs[0].seen
    assert list_leftovers(settings) == []


Site = tuple[int, dict[str, Any], dict[str, Any]]


def test_the_job_names_what_is_not_possible_and_counts_as_failed(site: Site) -> None:
    code, evidence, _ = site
    assert (code, evidence["reason"]) == (1, NOT_YET)
    assert evidence["ledger"]["lost"] == []
    assert sum(evidence["ledger"]["found"].values()) >= 20


def test_the_owners_installation_has_nothing_of_the_product(site: Site) -> None:
    _, _, seen = site
    assert seen["product"] == ""
    assert "uid=1000(git)" in seen["identity"]
    assert "git 600" in seen["identity"]


def test_users_reach_the_site_by_tls_alone_and_the_database_not_at_all(site: Site) -> None:
    _, _, seen = site
    assert seen["page"] == "200"
    assert seen["untrusted"] == "-60", "curl's code of a certificate that nobody vouches for"
    assert seen["database"] == "-28", "the router drops what is not published"


def test_the_site_has_a_second_factor_hooks_with_absolute_paths_and_a_mirror_where_gogs_is_real(site: Site) -> None:
    _, _, seen = site
    assert seen["second factor"] == "1"
    assert f"{facts.WORK_DIR}/gogs" in seen["hooks"]
    assert seen["mirrors"] == ("1" if seen["program"] == "release" else "0")


def test_the_proxy_stands_before_gogs_while_the_site_is_adopted_and_no_longer(site: Site) -> None:
    _, _, seen = site
    assert "haproxy" in seen["adopted"]["listener"]
    assert "haproxy" not in seen["released"]["listener"]
    assert seen["adopted"]["page"] == seen["released"]["page"] == "200"


def test_the_check_finds_that_the_database_has_no_binary_log_until_its_owner_prepares_it(site: Site) -> None:
    _, _, seen = site
    assert seen["binary log"] == "ROW\t1"
    as_installed, prepared = seen["lines"][-2:]
    assert "binary-log" in as_installed
    assert "binary-log" not in prepared
