"""What a rehearsal must know about the site that it moves: the demo's, or that of a source which others installed."""

from __future__ import annotations

from dataclasses import dataclass

from rehearsal import application
from rehearsal.application import PROFILE
from rehearsal.demo_settings import SITE, SSH_DNS_NAME
from rehearsal.settings import DNS_NAME


@dataclass(frozen=True)
class RehearsedSite:
    """`name`: in migration.toml. `url` and `ssh` (USER@HOST:PORT): its public addresses. `settings_file` and `home`: of the application and its user, relative to the root.

    `unit` and `database_unit`: of the application and of its database, on the source. `database_node`: role of the machine from which the product
    administers that database. `closed_query`: a statement whose result is 1 as long as the product keeps it closed.
    """

    name: str
    url: str
    ssh: str
    schema: str
    settings_file: str
    home: str
    unit: str
    database_unit: str = "mariadb.service"
    database_node: str = "source-database"
    closed_query: str = "SELECT @@GLOBAL.read_only"


def describe_demo() -> RehearsedSite:
    """Return the site that SourceStack creates."""
    return RehearsedSite(
        name=SITE,
        url=f"http://{DNS_NAME}",
        ssh=f"{PROFILE.owner.user}@{SSH_DNS_NAME}:{PROFILE.get_port('ssh').number}",
        schema=PROFILE.database.primary,
        settings_file=application.load().SETTINGS_FILE,
        home=PROFILE.owner.home,
        unit=PROFILE.unit,
    )
