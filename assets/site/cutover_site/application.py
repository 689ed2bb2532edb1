"""The behaviour of an application on a machine, which completes its profile. A module in the application's own folder implements it.

The core knows this interface and no application. `Profile.tool` names the module, which is loaded at the first use: verbs that do not need it
start faster.
"""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any, Protocol, cast

from applications.profile import Profile

from cutover_site.errors import NotConfigured
from cutover_site.layout import Layout
from cutover_site.machine import Machine
from cutover_site.system.processes import Process


class Behavior(Protocol):
    """The functions of the application's module. A Protocol, so that tests of the core can have their own."""

    def changes_data(self, process: Process, layout: Layout) -> bool:
        """Return whether this process may write into the data root. An unknown command counts as a write."""

    def serves_session(self, process: Process, layout: Layout) -> bool:
        """Return whether this process works for a session of a port that is not HTTP."""

    def stop_background(self, machine: Machine, *, writers_ended: bool) -> bool:
        """Stop the application's background work until `resume_background`. Return whether the application had to be restarted.

        `writers_ended`: processes that changed data were running and had to be ended.
        """

    def resume_background(self, machine: Machine) -> bool:
        """Start the background work again. Return whether the application had to be restarted."""

    def release_outbound(self, machine: Machine) -> None:
        """Send the outbound messages that the freeze held back. Those that cannot be sent stay held, without an error."""

    def check(self, machine: Machine) -> dict[str, Any]:
        """Return the facts of `cutover-site check` that `Profile.checks` names, and `health`: `ok`, or the problem."""

    def find_secrets(self, layout: Layout) -> list[Path]:
        """Return the files, besides those of `Profile.image`, that must be overwritten before an image is made."""

    def seal(self, layout: Layout) -> None:
        """Remove everything of this machine that must not be in an image. The files of `find_secrets` were overwritten before."""

    def find_remains(self, layout: Layout) -> list[Path]:
        """Return the paths that `seal` should have removed and that still exist."""


def load_behavior(profile: Profile) -> Behavior:
    """Return the application's module. Raises NotConfigured when this machine's tool does not have it."""
    try:
        return cast("Behavior", importlib.import_module(profile.tool))
    except ModuleNotFoundError as error:
        raise NotConfigured(
            f"cutover-site has no module {profile.tool}, which application {profile.name} needs",
            next_action="run the playbook of a release that has it",
        ) from error
