"""Run `make rehearse`: build a site, use it without a pause, migrate it, and examine it afterwards."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from rehearsal import application, demo, providers, supervise
from rehearsal.environment import build_environment
from rehearsal.errors import RehearsalError
from rehearsal.job.assembly import Assembly
from rehearsal.job.aws import Aws
from rehearsal.job.comparison import Comparison
from rehearsal.job.deploys import Cdk, DeployFailed
from rehearsal.job.evidence import Evidence
from rehearsal.job.failure import record_failure
from rehearsal.job.goals import evaluate_goals
from rehearsal.job.progress import Progress
from rehearsal.job.report_input import read_expected_seconds
from rehearsal.job.run_report import EVIDENCE, RunReport
from rehearsal.job.run_secrets import search_run
from rehearsal.job.site import describe_demo
from rehearsal.job.summary import show
from rehearsal.job.survey import TARGET_DATABASE, Survey
from rehearsal.job.verdict import find_problems
from rehearsal.job.writers import Writers
from rehearsal.settings import Settings
from rehearsal.world import CLIENT

ROOT = Path(__file__).resolve().parents[2]
WRITES_AFTER = 20
"""Acknowledged writes that the new site must take before the client stops."""
AFTER_SECONDS = 60.0

UP = "start the local AWS"
SOURCE = "cdk deploy SourceStack"
CLIENTS = "let a client write, without a pause"
REPLICATION = "cdk deploy ReplicationStack"
MIGRATION = "cdk deploy MigrationStack"
AFTER = "let the client go on at the new site"
LOOK_UP = "look up every acknowledged write"
COMPARE = "compare source and target from outside"
SECRETS = "search everything for every secret of the run"
DOWN = "clean up"
PLAN = [UP, SOURCE, CLIENTS, MIGRATION, AFTER, LOOK_UP, COMPARE, SECRETS]


def run_rehearsal(settings: Settings, *, keep: bool, job_type: type[Job] | None = None) -> int:
    """Run the main job: `Job` with the demo, or the one for another source. Return 0 when the site has moved with everything in it.

    The account is shown and kept in <home>/evidence.json in any case. Raises RehearsalError when a world runs already: this job
    must not end it.
    """
    if any(component.process for component in supervise.list_statuses(settings)):
        raise RehearsalError(
            f"A world runs at {settings.aws_url}, maybe one that was kept: `python -m rehearsal down` ends it."
        )
    job_type = job_type or Job
    progress = Progress([*job_type.build_plan(settings), *([] if keep else [DOWN])])
    evidence = Evidence(expected_seconds=read_expected_seconds(settings.home / EVIDENCE))
    job = job_type(settings, progress, evidence)
    job.report.remove_earlier()
    try:
        job.run()
    except (DeployFailed, RehearsalError) as error:
        job.record_failure(error)
    finally:
        job.stop_writing()
        job.read_report_input()
        evidence.phases = progress.finished
        with ThreadPoolExecutor(1) as beside:
            report = beside.submit(job.report.describe)  # the product reads the world's migration.toml for it
            if not keep:
                with progress.show_phase(DOWN):
                    supervise.stop_world(settings, progress.show_detail, before_files=report.result)
        evidence.save(settings.home / EVIDENCE)
    show(evidence, progress.console)
    progress.print_line(f"the whole account: {settings.home / EVIDENCE}, logs: {settings.logs}")
    progress.print_line(report.result())
    for line in list_other_providers(settings):
        progress.print_line(line)
    if keep:
        progress.print_line(
            'the world goes on: eval "$(python -m rehearsal env)"; python -m rehearsal machines; … down'
        )
        progress.print_line(f"the site for a browser: {settings.site_url}")
    return 0 if evidence.outcome == "migrated" else 1


def list_other_providers(settings: Settings) -> list[str]:
    """Return how to run the same with each other provider."""
    others = {kind: one for kind, one in providers.PROVIDERS.items() if kind != settings.provider}
    return [f"the same with {one.title}: make rehearse PROVIDER={kind}" for kind, one in others.items()]


class Job:
    """One rehearsal. Each step stores its observations in `evidence`."""

    def __init__(self, settings: Settings, progress: Progress, evidence: Evidence) -> None:
        self.settings, self._progress, self.evidence = settings, progress, evidence
        self.environment = {**os.environ, **build_environment(settings)}
        self.aws = Aws(self.environment)
        self._assembly = Assembly(ROOT, self.environment, settings.state / "cdk.out")
        self._cdk = Cdk(ROOT, self.environment, settings.logs / "cdk.log", self._assembly)
        self.site = describe_demo()
        self.survey = Survey(settings, self.aws, self.site)
        self.writers: Writers | None = None
        self.report = RunReport(ROOT, settings.home, self.environment, evidence)
        self.more_settings = ""
        """text that is added to migration.toml"""
        self._site_secret = ""

    @staticmethod
    def build_plan(settings: Settings, *, replication_alone: bool = False) -> list[str]:
        """Return the phases in their order. The replication is deployed with the migration, or `replication_alone` before it."""
        del settings
        place = PLAN.index(MIGRATION)
        return [*PLAN[:place], *([REPLICATION] if replication_alone else []), *PLAN[place:]]

    def run(self) -> None:
        """Run every step. Raises DeployFailed or RehearsalError; the world is left as it is then."""
        self.start_world()
        self.build_source()
        self.start_writing()
        self.prepare_replication()
        self.migrate()
        self.require_writes()
        self.look_up()
        self.compare()
        self.search_secrets()
        self.conclude()

    def start_world(self) -> None:
        """Start the local AWS with what a new world needs."""
        with self._progress.show_phase(UP):
            supervise.start_world(self.settings, self._progress.show_detail, prepare_more=self.prepare_world)
            demo.bootstrap_demo(self.settings, self._progress.show_detail)
        self.evidence.provider = providers.load(self.settings).title
        self.evidence.program = application.load().identify_program(self.settings)

    def prepare_world(self) -> None:
        """Write what the world is started with. The app is synthesized while the world starts."""
        demo.prepare_demo(self.settings, self._progress.show_detail)
        if self.more_settings:
            self.write_settings((self.settings.home / "migration.toml").read_text())
        self.begin_synthesis()

    def begin_synthesis(self) -> None:
        """Begin to synthesize the app. The first deploy waits for the end."""
        self._cdk.begin_synthesis()

    def write_settings(self, text: str) -> None:
        """Write migration.toml."""
        (self.settings.home / "migration.toml").write_text(text + self.more_settings)

    def build_source(self) -> None:
        """Deploy the source."""
        with self._progress.show_phase(SOURCE):
            self._site_secret = self._cdk.deploy("SourceStack", self._progress.show_detail)["SiteSecret"]

    def prepare_replication(self) -> None:
        """Do what the replication needs before the migration is deployed. The demo source needs nothing."""

    def replicate(self) -> None:
        """Deploy the replication alone."""
        with self._progress.show_phase(REPLICATION):
            self._cdk.deploy("ReplicationStack", self._progress.show_detail)

    def migrate(self) -> None:
        """Deploy the migration, and the stacks that it needs. Raises DeployFailed with CloudFormation's reason."""
        with self._progress.show_phase(MIGRATION):
            self._cdk.deploy("MigrationStack", self._progress.show_detail)
        self.evidence.database = self.survey.describe_database()

    def deploy(self, stack: str) -> None:
        """Deploy a stack, and those that it needs. Raises DeployFailed with CloudFormation's reason."""
        self._cdk.deploy(stack, self._progress.show_detail)

    def destroy(self, stack: str) -> None:
        """Destroy a stack. Raises DeployFailed with CloudFormation's reason."""
        self._cdk.destroy(stack)

    def require_writes(self) -> None:
        """Require that the client's writes succeed at the site that has the public name now. Raises RehearsalError."""
        assert self.writers
        with self._progress.show_phase(AFTER):
            self.writers.wait_for_writes(WRITES_AFTER, AFTER_SECONDS, self._progress.show_detail)

    def look_up(self) -> None:
        """Stop the client. Check on the target that every acknowledged write is there."""
        self.stop_writing()
        with self._progress.show_phase(LOOK_UP):
            self.evidence.ledger = self._read_client_observations()

    def compare(self) -> None:
        """Compare source and target. Raises RehearsalError when something could not be compared."""
        assert self.writers
        survey, evidence = self.survey, self.evidence
        with self._progress.show_phase(COMPARE):
            evidence.comparison = Comparison()
            survey.compare(evidence.comparison)
            evidence.overlap = survey.find_overlap(self.writers.ledger)
            evidence.content = {**survey.count_content(), "refs": evidence.comparison.refs}
            evidence.steps = self._read_records()
            evidence.site_url, evidence.served_by = self.site.url, survey.find_load_balancer()

    def search_secrets(self) -> None:
        """Search logs, templates, images, user data, evidence and report for every secret of the run. Raises RehearsalError without a report."""
        with self._progress.show_phase(SECRETS):
            self.read_report_input()
            with ThreadPoolExecutor(1) as beside:
                writing = beside.submit(self.report.write)

                def wait_for_page() -> list[Path]:
                    writing.result()
                    return self.report.list_files()

                secrecy = search_run(
                    self.settings,
                    self.aws.make_client,
                    self.survey,
                    settings_file=self.site.settings_file,
                    users=self.list_users,
                    evidence=self.evidence.format_json(),
                    assembly=self._assembly.folder,
                    page=wait_for_page,
                    report=self._progress.show_detail,
                )
            writing.result()
            self.evidence.secrecy = secrecy

    def list_users(self) -> Iterator[tuple[str, str]]:
        """Yield name and password of each user of the source."""
        secret = self.aws.read_secret(self._site_secret)
        return application.load().derive_demo_passwords(self.survey.query(TARGET_DATABASE), secret)

    def start_writing(self) -> None:
        """Start the client."""
        with self._progress.show_phase(CLIENTS):
            self.writers = self.make_writers()
            self.writers.prepare(self.read_administrator())
            self.writers.start()

    def read_administrator(self) -> dict[str, str]:
        """Return username and password of an administrator of the site."""
        secret = self.aws.read_secret(self._site_secret)
        return {"username": secret["admin_username"], "password": secret["admin_password"]}

    def make_writers(self) -> Writers:
        """Create the client. Does not start it."""
        return Writers(
            namespace=self.settings.name_namespace(CLIENT),
            url=self.site.url,
            ssh=self.site.ssh,
            folder=self.settings.state / "client",
            environment=self.client_environment,
        )

    @property
    def client_environment(self) -> dict[str, str]:
        """Return the environment of a user of the site."""
        return self.environment

    def stop_writing(self) -> None:
        """Stop the client, if it runs."""
        if self.writers:
            self.writers.stop()

    def record_failure(self, error: Exception) -> None:
        """Store the error and the available observations of a failed run in the evidence."""
        record_failure(error, self.evidence, self._read_records, self._read_client_observations)

    def _read_records(self) -> list[dict[str, Any]]:
        if not self.evidence.provider:  # another world may serve at its port: its records are not those of this run
            raise RehearsalError("the local AWS did not start")
        return self.aws.read_records(self.survey.facts["evidence_bucket"])

    def _read_client_observations(self) -> dict[str, Any]:
        if self.writers is None:
            raise RehearsalError("no client had begun to write")
        self.writers.stop()
        return self.writers.check()

    def read_report_input(self) -> None:
        """Store in the evidence what the report shows besides it. The client must have stopped."""
        self.report.read_input(self.aws, self.survey, self.writers.ledger if self.writers else None)

    def conclude(self) -> None:
        """Evaluate the goals, and store the outcome in the evidence."""
        self.evidence.goals = evaluate_goals(self.evidence.ledger, self.evidence.steps)
        wrong = find_problems(self.evidence)
        self.evidence.outcome = "migrated" if not wrong else "migrated, with findings"
        if wrong:
            self.evidence.reason = f"{len(wrong)} findings, first: {wrong[0]}"
