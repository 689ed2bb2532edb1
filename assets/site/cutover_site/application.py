"""The behaviour of an application on a machine, which completes its profile. A module in the application's own folder implements it.

The core knows this interface and no application. `Profile.tool` names the module, which is loaded at the first use: verbs that do not need it
start faster.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol, cast

from applications.profile import Profile

from cutover_site.acceptance.session import Session, SiteAddress
from cutover_site.acceptance.suite import Suite
from cutover_site.errors import NotConfigured
from cutover_site.instance import Installation, InstanceSettings
from cutover_site.layout import Layout
from cutover_site.machine import Machine
from cutover_site.system.processes import Process


class Behavior(Protocol):
    """The functions of the application's module. A Protocol, so that tests of the core can have their own."""

    def is_data_writer(self, process: Process, layout: Layout) -> bool:
        """Return whether this process may write into the data root. An unknown command counts as a write."""

    def is_session_process(self, process: Process, layout: Layout) -> bool:
        """Return whether this process works for a session of a port that is not HTTP."""

    def stop_background(self, machine: Machine, *, writers_ended: bool) -> bool:
        """Stop the application's background work until `resume_background`. Return whether the application had to be restarted.

        `writers_ended`: processes that changed data were running and had to be ended.
        """

    def resume_background(self, machine: Machine) -> bool:
        """Start the background work again. Return whether the application had to be restarted."""

    def release_outbound(self, machine: Machine) -> None:
        """Send the outbound messages that the freeze held back. Those that cannot be sent stay held, without an error."""

    def inspect_installation(self, machine: Machine) -> Installation:
        """Return what is on the source that is about to be configured. Change nothing.

        Raises Refused when its data or its address would be lost by the settings of this site, with a sentence for each.
        """

    def configure(self, layout: Layout, settings: InstanceSettings) -> bool:
        """Write the application's settings and folders for this machine. Return whether settings changed.

        On a source, settings that are not the tool's stay. On a target, what it inherits is in `settings.secret`, and no secret may get onto the
        disk. Raises NotConfigured.
        """

    def check_replica(self, layout: Layout, settings: InstanceSettings) -> None:
        """Raise NotConfigured when the replicated disk was encrypted with another key than the site's secret names."""

    def find_inherited(self, layout: Layout, settings: InstanceSettings) -> dict[str, str]:
        """Return what a target needs of this source's own settings, by the keys `SiteSecret.inherited`; empty where there is nothing.

        Raises OSError, Refused for more than the site's secret can hold.
        """

    def describe_inherited(self, inherited: Mapping[str, str]) -> dict[str, str]:
        """Return a text for each inherited setting, by its name. Two machines' texts are equal exactly when their settings are."""

    def find_secret_values(self, layout: Layout, secret: Mapping[str, str]) -> set[str]:
        """Return the values that no log may contain: those inherited in the site's `secret`, and those in the settings on this disk.

        Raises NotConfigured when they cannot be read.
        """

    def hold_target_outbound(self, machine: Machine) -> int:
        """Hold what the application would send when it starts on the live data. Return how much. The commit is not made yet."""

    def release_target_outbound(self, machine: Machine) -> int:
        """Send what a target held. Return how much. Raises SiteError for what cannot be sent: it stays held. Safe to repeat."""

    def get_acceptance_suite(self) -> Suite[Any]:
        """Return the checks that a launched site must pass, and their cleanup. They take what `open_acceptance_session` returns."""

    def open_acceptance_session(self, machine: Machine, address: SiteAddress) -> Session:
        """Return a session of the acceptance user with the site, which knows from the source's settings what the site must do.

        The caller closes it. Raises NotConfigured.
        """

    def check(self, machine: Machine) -> dict[str, Any]:
        """Return the facts of `cutover-site check` that `Profile.checks` names."""

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
