"""The application that a rehearsal migrates: its profile, and the facts in its own folder of the rehearsal.

The rest of the rehearsal uses only this interface and names no application. The local AWS and the console need neither.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Protocol, cast

import applications
from applications.profile import Profile

from rehearsal.client.overlap import Identity
from rehearsal.settings import Settings
from rehearsal.world.cache import Report

NAME = applications.DEFAULT
PROFILE: Profile = applications.load(NAME)
Query = Callable[[str], list[str]]
"""Runs one SQL statement on one side and returns its rows as `mysql --batch` prints them: columns by tab, special characters escaped."""


class RehearsedApplication(Protocol):
    """Functions and constants of the module `rehearsal.<name>.application`."""

    CONTENT: Mapping[str, str]
    """content of the target, in terms that its users know -> a query that counts it"""

    DATED: Mapping[str, str]
    """table -> column, for tables whose rows have no number of their own: new rows are younger than all of the source's"""

    PROGRAMS: Mapping[str, str]
    """each result of `name_program` -> how people read it"""

    SETTINGS_FILE: str
    """the application's settings file on the demo's server, relative to the root"""

    def check_environment(self, environ: Mapping[str, str]) -> None:
        """Raise RehearsalError when a variable of the environment cannot be meant; for before anything is started."""

    def provide_release(self, settings: Settings, environ: Mapping[str, str], report: Report) -> None:
        """Put the archive of the release into <home>/downloads. Raises RehearsalError when the requested one is not available."""

    def describe_release(self, settings: Settings) -> str:
        """Return the release's table of migration.toml. Raises RehearsalError when there is no archive."""

    def identify_program(self, settings: Settings) -> str:
        """Return which program the world's playbooks install: what the archive holds decides, not what was asked for."""

    def find_accepted_writes(
        self, source: Query, find_file: Callable[[str], Path], repositories: Mapping[str, str]
    ) -> set[Identity]:
        """Return what the frozen source holds of the client's writes. `find_file`: a path of the site's files -> where it is. `repositories`: kind of write -> owner/name."""

    def is_normal_use(self, table: str, column: str, before: str, after: str) -> bool:
        """Return whether normal use of the site explains that a value has changed. Both values as SQL literals."""

    SETTINGS_FIELD: str
    """the key of the site's secret under which the targets inherit the settings of the source"""

    def read_settings_secrets(self, text: str) -> Iterator[tuple[str, str]]:
        """Yield name and value of each secret in the text of the application's settings."""

    def derive_demo_passwords(self, target: Query, site: Mapping[str, str]) -> Iterator[tuple[str, str]]:
        """Yield name and password of each user of the demo content. `site`: the site's secret."""

    def find_private_keys(self, files: Path) -> Iterator[Path]:
        """Yield the private keys below the data root."""


@cache
def load() -> RehearsedApplication:
    """Return the application of the rehearsal."""
    return cast("RehearsedApplication", importlib.import_module(f"rehearsal.{NAME}.application"))
