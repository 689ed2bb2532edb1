"""The finished run, looked at from outside: source and target compared, and which of them accepted which write."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from rehearsal import application
from rehearsal.application import PROFILE, Query
from rehearsal.client import ledger
from rehearsal.client.account import list_repositories
from rehearsal.client.overlap import Overlap, build_identity, find_overlap
from rehearsal.errors import RehearsalError
from rehearsal.job.aws import Aws
from rehearsal.job.comparison import Comparison, Tree, compare_files, compare_repositories, compare_rows
from rehearsal.job.site import RehearsedSite
from rehearsal.settings import Settings
from rehearsal.world import database_image, enter

MARKERS = "cutover"
"""schema of the product's own table, on both sides"""
APPLICATION, DATABASE, TARGET_DATABASE = "source-app", "source-database", "rds"
"""roles of machines"""
SITE_FILE = "etc/cutover/site.json"
# One clock and one character set on both sides, whatever the servers' defaults are.
_MYSQL = ["mysql", "--default-character-set=utf8mb4", "--init-command=SET time_zone = '+00:00'", "-N", "-B"]


class Survey:
    """Reads disks and databases of a running world. Raises RehearsalError when something cannot be read."""

    def __init__(self, settings: Settings, aws: Aws, site: RehearsedSite) -> None:
        self._settings, self._aws, self._site = settings, aws, site

    @cached_property
    def facts(self) -> dict[str, Any]:
        """Return the site's parameter with the ids of its parts."""
        return self._aws.read_parameter(f"/cutover/{self._site.name}/replication")

    @property
    def source_files(self) -> Tree:
        """Return the files of the source. On a server that others installed they are where its site.json has them."""
        disk = self._settings.mounts / enter.find(self._settings, APPLICATION).id
        installed = json.loads((disk / SITE_FILE).read_text()).get("installation", {})
        elsewhere = {name: disk / path.lstrip("/") for name, path in installed.get("roots", {}).items()}
        return Tree(disk / PROFILE.files.root, elsewhere)

    @property
    def target_files(self) -> Tree:
        """Return the files of the target."""
        return Tree(self._settings.pool / "efs" / str(self.facts["file_system_id"]) / "live")

    def compare(self, result: Comparison) -> None:
        """Compare rows, refs, objects and files. The client must have stopped, so that nothing changes meanwhile. What cannot be compared is a finding."""
        source, target = self.query(DATABASE), self.query(TARGET_DATABASE)
        parts: dict[str, Callable[[Comparison], None]] = {
            f"the rows of schema {schema}": partial(compare_rows, source, target, schema)
            for schema in (self._site.schema, MARKERS)
        }
        parts["repositories"] = lambda part: compare_repositories(
            self.source_files.find("repositories"), self.target_files.find("repositories"), part
        )
        parts["files"] = lambda part: compare_files(self.source_files, self.target_files, part)

        def compare_part(what: str) -> Comparison:
            part = Comparison()
            try:
                parts[what](part)
            except Exception as error:  # noqa: BLE001  whatever it is: this was not compared
                part.findings.append(f"{what} could not be compared: {type(error).__name__}: {error}")
            return part

        with ThreadPoolExecutor(len(parts)) as pool:
            for part in pool.map(compare_part, parts):
                result.add(part)

    def find_overlap(self, book: Path) -> Overlap:
        """Return which site accepted the writes of a ledger, and whether both ever did at the same time."""
        where = list_repositories()
        held = application.load().find_accepted_writes(self.query(DATABASE), self.source_files.find, where)
        return find_overlap(ledger.read(book), lambda one: build_identity(one, where[one.kind]) in held)

    def count_content(self) -> dict[str, int]:
        """Return the amount of content on the target, in terms that its users know."""
        target = self.query(TARGET_DATABASE)
        return {name: int(target(count)[0]) for name, count in application.load().CONTENT.items()}

    def describe_database(self) -> dict[str, str]:
        """Return what runs behind RDS: product and version of the server, and why when it is not MySQL."""
        chosen = database_image.read_choice(self._settings)
        version = self.query(TARGET_DATABASE)("SELECT VERSION()")[0]
        product = "MariaDB" if "mariadb" in version.lower() else "MySQL"
        return {"product": product, "version": version, "why": chosen.why if chosen else ""}

    def find_load_balancer(self) -> str:
        """Return the name of the load balancer."""
        balancers = self._aws.make_client("elbv2").describe_load_balancers()["LoadBalancers"]
        return str(next(one["DNSName"] for one in balancers if one["Type"] == "application"))

    def query(self, machine: str) -> Query:
        """Return a function that runs a statement in the site's schema on a machine and returns the lines."""
        words = [*_MYSQL, f"--database={self._site.schema}", "-e"]

        def query(statement: str) -> list[str]:
            done = enter.run(self._settings, machine, [*words, statement], timeout=300)
            if done.exit_code:
                raise RehearsalError(f"{machine} could not be asked for its rows: {done.stderr.strip()[-200:]}")
            # Not splitlines: a value may contain a line separator of Unicode.
            return done.stdout.split("\n")[:-1]

        return query
