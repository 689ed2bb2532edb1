"""What an application does on a machine: the behaviour that belongs to its profile. One module of the application's own folder has it.

The core knows this interface and no application. The module is named by `Profile.tool` and loaded at the first use: a verb that needs none
starts without it.
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
    """Functions of one module. A Protocol, so that a test of the core brings its own."""

    def changes_data(self, process: Process, layout: Layout) -> bool:
        """Return whether this process may write into the data root. What is not known to be a read counts as a write."""

    def serves_session(self, process: Process, layout: Layout) -> bool:
        """Return whether this process works for a session of a port that is not HTTP."""

    def stop_background(self, machine: Machine, *, writers_ended: bool) -> bool:
        """Stop what the application does by itself until `resume_background`. Return whether it had to be restarted.

        `writers_ended`: processes that changed data were at work and had to be ended.
        """

    def resume_background(self, machine: Machine) -> bool:
        """Let the application do its background work again. Return whether it had to be restarted."""

    def release_outbound(self, machine: Machine) -> None:
        """Send what was held back for the freeze. Never raises for what cannot be sent: it stays held."""

    def check(self, machine: Machine) -> dict[str, Any]:
        """Return the facts of `cutover-site check` that `Profile.checks` names, and `health`: `ok`, or what is wrong."""

    def find_secrets(self, layout: Layout) -> list[Path]:
        """Return files besides those of `Profile.image` that are overwritten before an image is taken."""

    def seal(self, layout: Layout) -> None:
        """Leave nothing of this machine that must not be in an image; the secret files were overwritten before."""

    def find_remains(self, layout: Layout) -> list[Path]:
        """Return what `seal` should have removed and is there."""


def load_behavior(profile: Profile) -> Behavior:
    """Return the application's module. Raises NotConfigured when the tool of this machine has none."""
    try:
        return cast("Behavior", importlib.import_module(profile.tool))
    except ModuleNotFoundError as error:
        raise NotConfigured(
            f"cutover-site has no module {profile.tool}, which application {profile.name} needs",
            next_action="run the playbook of a release that has it",
        ) from error
