"""Run `make rehearse SOURCE=existing`: migrate a site that somebody else installed, outside of AWS, before anybody knew this product."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rehearsal import providers
from rehearsal.demo_settings import SITE
from rehearsal.errors import RehearsalError
from rehearsal.foreign_site import account, adoption, check, facts, managed_service, shapes, site
from rehearsal.foreign_site.configuration import render_migration_toml
from rehearsal.foreign_site.installation import Passwords
from rehearsal.job import rehearse
from rehearsal.job.evidence import Evidence
from rehearsal.job.progress import Progress
from rehearsal.job.rehearse import Job
from rehearsal.job.site import RehearsedSite
from rehearsal.job.survey import APPLICATION, Survey
from rehearsal.providers.interface import RehearsedProvider
from rehearsal.settings import Settings

SERVER = "boot a server outside of AWS and install the site on it"
FILL = "fill the site through its own interfaces"
ACCOUNT = "prepare the account: gateway, names, secrets"
NODE = "register the server with Systems Manager"
SETTINGS = "write migration.toml and synthesize the app"
CHECK = "check the source"
ADOPT = "prepare the server: prepare_source.yml"
RELEASE = "undo the preparation: release-source"
AGAIN = "prepare the server again"
AGENT = "install the provider's agent: prepare_source.yml"


class ExistingJob(Job):
    """One rehearsal of an existing source. `lines` is what people read about the site and its preparation."""

    @staticmethod
    def build_plan(settings: Settings, *, replication_alone: bool = False) -> list[str]:
        """Return the phases in their order. An agent that is installed last needs the replication before it."""
        prepared = [rehearse.UP, SERVER, FILL, ACCOUNT, NODE, SETTINGS, CHECK, ADOPT, RELEASE, AGAIN]
        agent = [AGENT] if providers.load(settings).is_agent_last else []
        replicated = [rehearse.REPLICATION, *agent] if agent or replication_alone else []
        return [*prepared, rehearse.CLIENTS, *replicated, *rehearse.PLAN[rehearse.PLAN.index(rehearse.MIGRATION) :]]

    def __init__(self, settings: Settings, progress: Progress, evidence: Evidence) -> None:
        super().__init__(settings, progress, evidence)
        self.passwords = Passwords()
        self.shape = shapes.load(settings)
        self.site = RehearsedSite(
            name=SITE,
            url=self.shape.url,
            ssh=self.shape.ssh,
            schema=self.shape.schema,
            settings_file=self.shape.settings_file.lstrip("/"),
            home=self.shape.home.lstrip("/"),
            unit=self.shape.unit,
            **(_describe_managed_database(self.shape) if self.shape.is_managed else {}),
        )
        self.survey = Survey(settings, self.aws, self.site)
        self.node = ""

    def build_source(self) -> None:
        """Build the site as its owner did, and prepare it as docs/your-own-site.md asks. Raises RehearsalError."""
        self.install_site()
        self.prepare_account()
        self.check_source()
        self.try_adoption()

    def begin_synthesis(self) -> None:
        """Do nothing yet: migration.toml has the node's id, which is not known before the server exists."""

    def install_site(self) -> None:
        """Boot the server, install the site on it and fill it."""
        with self._progress.show_phase(SERVER):
            account.create_names(self.aws, self.shape)
            site.launch_server(self.settings)
            site.install(self.settings, self.passwords)
        with self._progress.show_phase(FILL):
            made = site.fill(self.settings, self.passwords, self.client_environment)
        self.describe(f"content: {', '.join(f'{name} {value}' for name, value in made.items())}")

    def prepare_account(self) -> None:
        """Do what docs/your-own-site.md asks of the owner, write migration.toml, and synthesize the app with it."""
        with self._progress.show_phase(ACCOUNT):
            gateway = account.create_gateway(self.aws)
            account.create_secrets(self.aws, self.passwords, self.shape)
        with self._progress.show_phase(NODE):
            self.node = site.enroll(self.settings, self.aws)
        with self._progress.show_phase(SETTINGS):
            text = render_migration_toml(
                self.settings,
                node_id=self.node,
                gateway_id=gateway,
                zone_id=account.find_zone(self.aws),
                certificate_arn=account.create_certificate(self.aws),
                authority=managed_service.read_authority(self.settings) if self.shape.is_managed else "",
            )
            self.write_settings(text)
            self._cdk.synthesize()
        self.describe(f"node {self.node}, gateway {gateway}")

    def check_source(self) -> None:
        """Check the source as it was installed, then with the database as its owner has to prepare it."""
        with self._progress.show_phase(CHECK):
            check.copy_tool(self.settings)
            provider, of_database = self.settings.provider, self._list_check_options()
            installed = check.check_source(self.settings, provider, *of_database)
            site.prepare_database(self.settings, self.passwords)
            replication = ("--replication-user", account.REPLICATION_USER)
            prepared = check.check_source(self.settings, provider, *of_database, *replication)
            if self.shape.is_managed:
                managed_service.remove_access(self.settings)
        self.describe(f"as installed: {list_blocking(installed)}")
        self.describe(f"database prepared: {list_blocking(prepared)}")

    def _list_check_options(self) -> list[str]:
        """Return the options of check-source by which it reads the database."""
        if not self.shape.is_managed:
            return []
        return ["--managed-database", "--defaults-file", managed_service.CLIENT_FILE]

    def try_adoption(self) -> None:
        """Prepare the server, undo it, and prepare it again. Raises RehearsalError when a file of the owner is not what it was meanwhile."""
        before = adoption.read_own_files(self.settings)
        with self._progress.show_phase(ADOPT):
            self.adopt(with_agent=False)
        with self._progress.show_phase(RELEASE):
            self.release()
            after = adoption.read_own_files(self.settings)
        if changed := sorted(set(before.splitlines()) ^ set(after.splitlines())):
            raise RehearsalError(f"release-source left {len(changed)} differences, first: {changed[0]}")
        with self._progress.show_phase(AGAIN):
            self.adopt(with_agent=not self._provider.is_agent_last)

    def prepare_replication(self) -> None:
        """Deploy the replication, and install the agent, of a service that this deploy initializes."""
        if self._provider.is_agent_last:
            self.replicate()

    def replicate(self) -> None:
        """Deploy the replication alone, and install the agent of a service that this deploy initializes."""
        super().replicate()
        if self._provider.is_agent_last:
            with self._progress.show_phase(AGENT):
                self.adopt(with_agent=True)

    def adopt(self, *, with_agent: bool) -> None:
        """Prepare the server with the product's playbook. Raises RehearsalError."""
        adoption.adopt(self.settings, self._provider, self.node, with_agent=with_agent)

    @property
    def _provider(self) -> RehearsedProvider:
        return providers.load(self.settings)

    def release(self) -> None:
        """Undo the adoption. Raises RehearsalError."""
        adoption.release(self.settings)

    def describe(self, line: str) -> None:
        """Keep a line about the site for people who read the evidence."""
        self.evidence.source.append(line)

    def read_administrator(self) -> dict[str, str]:
        """Return username and password of the owner."""
        return {"username": facts.ADMINISTRATOR, "password": self.passwords.administrator}

    def list_users(self) -> Iterator[tuple[str, str]]:
        """Yield what the owner chose. The users whom the site was filled with have passwords that nobody kept."""
        yield from self.passwords.list_values()

    @property
    def client_environment(self) -> dict[str, str]:
        """Return the environment of a user of the site."""
        return site.make_client_environment(self.settings, self.environment)


def _describe_managed_database(shape: shapes.Shape) -> dict[str, str]:
    """Return what differs for a database that the application server administers."""
    return {
        "database_unit": "mysql.service",
        "database_node": APPLICATION,
        "closed_query": managed_service.make_closed_query(shape.schema),
    }


def list_blocking(result: dict[str, Any]) -> str:
    """Return the checks that would stop a migration."""
    found = [one["check"] for one in result["findings"] if one["level"] != "warning"]
    return f"{len(found)} findings ({', '.join(sorted(set(found)))})" if found else "nothing would stop a migration"
