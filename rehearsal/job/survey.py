"""The finished run, looked at from outside: source and target compared, and which of them accepted which write."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from rehearsal import application
from rehearsal.application import PROFILE, Query
from rehearsal.client import ledger
from rehearsal.client.account import list_repositories
from rehearsal.client.overlap import Overlap, build_identity, find_overlap
from rehearsal.demo_settings import SITE
from rehearsal.errors import RehearsalError
from rehearsal.job.aws import Aws
from rehearsal.job.comparison import Comparison, compare_files, compare_repositories, compare_rows
from rehearsal.settings import Settings
from rehearsal.world import database_image, enter

SCHEMAS = (*PROFILE.database.schemas, "cutover")
# One clock and one character set on both sides, whatever the servers' defaults are.
_MYSQL = ["mysql", "--default-character-set=utf8mb4", "--init-command=SET time_zone = '+00:00'", "-N", "-B", "-e"]


class Survey:
    """Reads disks and databases of a running world. Raises RehearsalError when something cannot be read."""

    def __init__(self, settings: Settings, aws: Aws) -> None:
        self._settings, self._aws = settings, aws

    @cached_property
    def facts(self) -> dict[str, Any]:
        """Return the site's parameter with the ids of its parts."""
        return self._aws.read_parameter(f"/cutover/{SITE}/replication")

    @property
    def source_files(self) -> Path:
        """Return the folder of the source's files."""
        return self._settings.mounts / str(self.facts["source_app_instance_id"]) / PROFILE.files.root

    @property
    def target_files(self) -> Path:
        """Return the folder of the target's files."""
        return self._settings.pool / "efs" / str(self.facts["file_system_id"]) / "live"

    def compare(self, result: Comparison) -> None:
        """Compare rows, refs, objects and files. The client must have stopped, so that nothing changes meanwhile. What cannot be compared is a finding."""
        source, target = self.query("source-database"), self.query("rds")
        here, there = self.source_files, self.target_files
        parts: dict[str, Callable[[], None]] = {
            f"the rows of schema {schema}": partial(compare_rows, source, target, schema, result) for schema in SCHEMAS
        }
        parts["repositories"] = partial(compare_repositories, here / "repositories", there / "repositories", result)
        parts["files"] = partial(compare_files, here, there, result)
        for what, part in parts.items():
            try:
                part()
            except Exception as error:  # noqa: BLE001  whatever it is: this was not compared
                result.findings.append(f"{what} could not be compared: {type(error).__name__}: {error}")

    def find_overlap(self, book: Path) -> Overlap:
        """Return which site accepted the writes of a ledger, and whether both ever did at the same time."""
        where = list_repositories()
        held = application.load().find_accepted_writes(self.query("source-database"), self.source_files, where)
        return find_overlap(ledger.read(book), lambda one: build_identity(one, where[one.kind]) in held)

    def count_content(self) -> dict[str, int]:
        """Return the amount of content on the target, in terms that its users know."""
        target = self.query("rds")
        return {name: int(target(count)[0]) for name, count in application.load().CONTENT.items()}

    def describe_database(self) -> dict[str, str]:
        """Return what runs behind RDS: product and version of the server, and why when it is not MySQL."""
        chosen = database_image.read_choice(self._settings)
        version = self.query("rds")("SELECT VERSION()")[0]
        product = "MariaDB" if "mariadb" in version.lower() else "MySQL"
        return {"product": product, "version": version, "why": chosen.why if chosen else ""}

    def find_load_balancer(self) -> str:
        """Return the name of the load balancer."""
        balancers = self._aws.make_client("elbv2").describe_load_balancers()["LoadBalancers"]
        return str(next(one["DNSName"] for one in balancers if one["Type"] == "application"))

    def query(self, machine: str) -> Query:
        """Return a function that runs a statement on a machine and returns the lines."""

        def query(statement: str) -> list[str]:
            done = enter.run(self._settings, machine, [*_MYSQL, statement], timeout=300)
            if done.exit_code:
                raise RehearsalError(f"{machine} could not be asked for its rows: {done.stderr.strip()[-200:]}")
            # Not splitlines: a value may contain a line separator of Unicode.
            return done.stdout.split("\n")[:-1]

        return query
