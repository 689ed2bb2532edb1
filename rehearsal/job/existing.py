"""Run `make rehearse SOURCE=existing`: a site that somebody else installed, as far as the product can take it today."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from rehearsal import application, demo, providers, supervise
from rehearsal.environment import build_environment
from rehearsal.errors import RehearsalError
from rehearsal.foreign_site import account, adoption, check, facts, site
from rehearsal.foreign_site.configuration import render_migration_toml
from rehearsal.foreign_site.installation import Passwords
from rehearsal.job.assembly import Assembly
from rehearsal.job.aws import Aws
from rehearsal.job.deploys import Cdk, DeployFailed
from rehearsal.job.evidence import Evidence
from rehearsal.job.progress import Progress
from rehearsal.job.rehearse import ROOT
from rehearsal.job.writers import Writers
from rehearsal.settings import Settings
from rehearsal.world import CLIENT

UP = "start the local AWS"
SERVER = "boot a server outside of AWS and install the site on it"
FILL = "fill the site through its own interfaces"
ACCOUNT = "prepare the account: gateway, names, secrets"
NODE = "register the server with Systems Manager"
SETTINGS = "write migration.toml and synthesize the app"
CLIENTS = "let a client write, and look up every acknowledged write"
CHECK = "check the source"
DOWN = "clean up"
ADOPT = "prepare the server: prepare_source.yml"
ADOPTED = "let the client write to the adopted site"
RELEASE = "undo the preparation: release-source"
PLAN = [UP, SERVER, FILL, ACCOUNT, NODE, SETTINGS, CLIENTS, CHECK, ADOPT, ADOPTED, RELEASE]
WRITES = 20
WRITE_SECONDS = 120.0
NOT_YET = (
    "not possible yet: the rehearsal stops before the deploys, because the stacks replicate only the schema of the application's profile, and this site has `forge`;"
    " the site was built, used, checked, prepared by prepare_source.yml, used again and released, and nothing was migrated."
)


def run_existing(settings: Settings, *, keep: bool, make_job: MakeJob | None = None) -> int:
    """Build and check the existing site. Return 1, since nothing is migrated yet; the last line says so.

    Raises RehearsalError when a world runs already.
    """
    if any(component.process for component in supervise.list_statuses(settings)):
        raise RehearsalError(
            f"A world runs at {settings.aws_url}, maybe one that was kept: `python -m rehearsal down` ends it."
        )
    progress, evidence = Progress([*PLAN, *([] if keep else [DOWN])]), Evidence()
    job = (make_job or ExistingJob)(settings, progress, evidence)
    try:
        job.run()
        evidence.outcome, evidence.reason = "not migrated", NOT_YET
    except (DeployFailed, RehearsalError) as error:
        evidence.outcome, evidence.reason = "failed", str(error)
    finally:
        job.stop_writing()
        evidence.phases = progress.finished
        if not keep:
            with progress.show_phase(DOWN):
                supervise.stop_world(settings, progress.show_detail)
        evidence.save(settings.home / "evidence.json")
    for line in job.lines:
        progress.print_line(line)
    progress.print_line(f"{evidence.outcome}: {evidence.reason}")
    return 1


class ExistingJob:
    """One rehearsal of an existing source. `lines` is what people read at its end."""

    def __init__(self, settings: Settings, progress: Progress, evidence: Evidence) -> None:
        self.settings, self._progress, self.evidence = settings, progress, evidence
        self.environment = {**os.environ, **build_environment(settings)}
        self.aws = Aws(self.environment)
        self.passwords = Passwords()
        assembly = Assembly(ROOT, self.environment, self.settings.state / "cdk.out")
        self._cdk = Cdk(ROOT, self.environment, self.settings.logs / "cdk.log", assembly)
        self.lines: list[str] = []
        self.node = ""
        self._own_files = ""
        self.writers: Writers | None = None

    def run(self) -> None:
        """Run every step. Raises DeployFailed or RehearsalError; the world is left as it is then."""
        self.start_world()
        self.build_site()
        self.prepare_account()
        self.use_site()
        self.check_source()
        self.adopt()
        self.use_adopted_site()
        self.release()

    def start_world(self) -> None:
        """Start the local AWS with what a new account and the provider need."""
        with self._progress.show_phase(UP):
            supervise.start_world(self.settings, self._progress.show_detail)
            demo.bootstrap_demo(self.settings, self._progress.show_detail)
        self.evidence.provider = providers.load(self.settings).title
        self.evidence.program = application.load().identify_program(self.settings)

    def build_site(self) -> None:
        """Boot the server, install the site on it and fill it."""
        with self._progress.show_phase(SERVER):
            site.launch_server(self.settings)
            site.install(self.settings, self.passwords)
        with self._progress.show_phase(FILL):
            account.create_names(self.aws)
            made = site.fill(self.settings, self.passwords, self.client_environment)
        self.lines.append(f"content: {', '.join(f'{name} {value}' for name, value in made.items())}")

    def prepare_account(self) -> None:
        """Do what docs/your-own-site.md asks of the owner, write migration.toml, and synthesize the app with it."""
        with self._progress.show_phase(ACCOUNT):
            gateway = account.create_gateway(self.aws)
            account.create_secrets(self.aws, self.passwords)
        with self._progress.show_phase(NODE):
            node = site.enroll(self.settings, self.aws)
        with self._progress.show_phase(SETTINGS):
            zone = account.find_zone(self.aws)
            text = render_migration_toml(
                self.settings,
                node_id=node,
                gateway_id=gateway,
                zone_id=zone,
                certificate_arn=account.create_certificate(self.aws),
            )
            (self.settings.home / "migration.toml").write_text(text)
            self._cdk.synthesize()
        self.node = node
        self.lines.append(f"node {node}, gateway {gateway}")

    def use_site(self) -> None:
        """Let the ledger client write to the site, and look up what it acknowledged. Raises RehearsalError for a lost write."""
        with self._progress.show_phase(CLIENTS):
            self.writers = Writers(
                namespace=self.settings.name_namespace(CLIENT),
                url=facts.URL,
                ssh=f"{facts.SSH_DNS}:{facts.SSH_PORT}",
                folder=self.settings.state / "client",
                environment=self.client_environment,
            )
            self.writers.prepare({"username": facts.ADMINISTRATOR, "password": self.passwords.administrator})
            self._write("installed")

    def _write(self, run: str) -> None:
        """Let the client write for a while, then look up every acknowledged write. Raises RehearsalError for a lost one."""
        assert self.writers
        self.writers.start(run)
        self.writers.wait_for_writes(WRITES, WRITE_SECONDS, self._progress.show_detail)
        self.writers.stop()
        self.evidence.ledger = self.writers.check()
        if lost := self.evidence.ledger["lost"]:
            raise RehearsalError(f"the site lost {len(lost)} acknowledged writes, first: {lost[0]}")

    def check_source(self) -> None:
        """Check the source as it was installed, then with the database as its owner has to prepare it."""
        with self._progress.show_phase(CHECK):
            check.copy_tool(self.settings)
            installed = check.check_source(self.settings, self.settings.provider)
            site.prepare_database(self.settings, self.passwords)
            prepared = check.check_source(
                self.settings, self.settings.provider, "--replication-user", account.REPLICATION_USER
            )
        self.lines += [f"as installed: {_list_blocking(installed)}", f"database prepared: {_list_blocking(prepared)}"]

    def adopt(self) -> None:
        """Prepare the server with the product's playbook. Raises RehearsalError."""
        with self._progress.show_phase(ADOPT):
            self._own_files = adoption.read_own_files(self.settings)
            adoption.adopt(self.settings, providers.load(self.settings), self.node)

    def use_adopted_site(self) -> None:
        """Let the client write through the proxy that holds writes. Raises RehearsalError for a lost write."""
        with self._progress.show_phase(ADOPTED):
            self._write("adopted")

    def release(self) -> None:
        """Undo the adoption. Raises RehearsalError when a file of the owner is not what it was."""
        with self._progress.show_phase(RELEASE):
            adoption.release(self.settings)
            after = adoption.read_own_files(self.settings)
        if changed := sorted(set(self._own_files.splitlines()) ^ set(after.splitlines())):
            raise RehearsalError(f"release-source left {len(changed)} differences, first: {changed[0]}")

    @property
    def client_environment(self) -> dict[str, str]:
        """Return the environment of a user of the site."""
        return site.make_client_environment(self.settings, self.environment)

    def stop_writing(self) -> None:
        """Stop the client, if it runs."""
        if self.writers:
            self.writers.stop()


MakeJob = Callable[[Settings, Progress, Evidence], ExistingJob]


def _list_blocking(result: dict[str, Any]) -> str:
    """Return the checks that would stop a migration."""
    found = [one["check"] for one in result["findings"] if one["level"] != "warning"]
    return f"{len(found)} findings ({', '.join(sorted(set(found)))})" if found else "nothing would stop a migration"
