"""Adopt a source, and release it. Both can be repeated: what was interrupted is undone, or goes on."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from applications.profile import Profile

from cutover_site import health
from cutover_site.adopt.changes import Change, describe
from cutover_site.adopt.executor import Executor
from cutover_site.adopt.front_files import FRONT_FILES
from cutover_site.adopt.journal import ADOPTED, ADOPTING, RELEASED, RELEASING, Journal
from cutover_site.adopt.markers import Markers
from cutover_site.adopt.plan import make_plan
from cutover_site.adopt.present import Present
from cutover_site.adopt.proposal import Proposal, load_proposer
from cutover_site.adopt.site_file import Identity
from cutover_site.adopt.units import Systemd, Units
from cutover_site.errors import Refused, SiteError
from cutover_site.existing.host import Host
from cutover_site.files import delta_access
from cutover_site.freeze.store import FreezeStore
from cutover_site.layout import Layout, forget_site_file
from cutover_site.machine import Machine
from cutover_site.system.termination import ignore_termination, raise_on_termination

LOG = logging.getLogger(__name__)
FOLDER = "adopted"
FRONT = "/opt/cutover/front"
RUN_STATE = ("freeze.json", "freeze.lock", "freeze-database.json", "database-lockout.json")
HOOKS = "hooks"
"""folder with the results of the hooks of a run"""
START_SECONDS = 60.0

VerifySite = Callable[[Profile, Path], None]
"""raises SiteError unless the application serves behind its proxy. Takes the adopted profile and the proxy's settings file"""


def verify_site(profile: Profile, proxy_configuration: Path) -> None:
    """Wait until the application is healthy at its own port, and behind the proxy at its former address. Raises Unhealthy."""
    advice = f"journalctl -u {profile.unit} -u haproxy.service"
    health.wait_until_healthy(lambda: health.find_application_problem(profile), START_SECONDS, advice=advice)
    health.wait_until_healthy(
        lambda: health.find_proxy_problem(configuration=proxy_configuration), START_SECONDS, advice=advice
    )


@dataclass
class Adoption:
    """The adoption of one machine. `settings`: the application's settings file, None to search for it."""

    layout: Layout
    profile: Profile
    settings: Path | None = None
    units: Units = field(default_factory=Systemd)
    verify: VerifySite = verify_site
    markers: Markers | None = None
    """None: those of the database server of this machine"""

    def __post_init__(self) -> None:
        self.host = Host(self.layout.root)
        self.journal = Journal.load(self.layout.state / FOLDER)
        revert = load_proposer(self.profile).revert_settings
        self.executor = Executor(self.layout, self.journal, self.units, self._get_markers, revert)

    def find_state(self, identity: Identity) -> str:
        """Return the state of the machine: empty when it was never adopted. Raises Refused when it was adopted by somebody else."""
        journal = self.journal
        if journal.state and journal.site != identity.site:
            raise Refused(
                f"this machine was adopted for the site {journal.site}, not for {identity.site}",
                next_action=f"finish the migration of {journal.site}, then run `cutover-site release-source` here",
            )
        return journal.state

    def plan(
        self, identity: Identity, *, has_application: bool, is_printed_only: bool = False
    ) -> tuple[list[Change], Proposal | None]:
        """Return the changes that an adoption would make, and the proposal. Changes nothing. Raises NotConfigured.

        `is_printed_only`: the proxy's files may not be on the machine yet.
        """
        proposal = (
            load_proposer(self.profile).propose(self.host, self.profile, self.settings) if has_application else None
        )
        front = None if is_printed_only else self._read_front()
        return make_plan(self.profile, identity, proposal, front, self._get_present()), proposal

    def recover(self) -> list[str]:
        """Undo an adoption that was interrupted, and finish a release that was. Return what stays."""
        if self.journal.state in (ADOPTING, RELEASING):
            LOG.info("the machine is half %s: this is undone first", self.journal.state)
            return self._undo()
        if self.journal.state == RELEASED:
            self.journal.remove()
        return []

    def apply(self, identity: Identity, changes: list[Change], proposal: Proposal | None) -> dict[str, Any]:
        """Make the changes. Raises SiteError when one fails, or the site does not serve afterwards; everything is undone then.

        A signal that ends the command is such a failure: the application does not run between two of the changes.
        """
        with raise_on_termination():
            self.journal.begin(identity.site, describe_identity(identity))
            try:
                self.executor.apply(changes)
                forget_site_file()
                if proposal is not None:
                    self.verify(self.layout.application, self.layout.proxy_configuration)
                self.journal.set_state(ADOPTED)
            except BaseException as error:
                self._undo_failed(error)
                raise
        return {"changed": True, "changes": [describe(change) for change in changes]}

    def find_drift(self, identity: Identity) -> list[str]:
        """Return a sentence for each thing that is not as this adoption would make it."""
        changed = [f"{path} was changed since the adoption" for path in self.executor.find_changed()]
        other = describe_identity(identity) != self.journal.arguments
        return [*changed, *(["it was adopted with other options"] if other else [])]

    def release(self) -> dict[str, Any]:
        """Undo the adoption. Raises Refused while a run has closed the site, or when this machine is no source."""
        if self.journal.state in ("", RELEASED):
            self.recover()
            return {"changed": False, "kept": []}
        if self.layout.target_seal.exists():
            raise Refused("this machine is a target of a migration, not its source", next_action="run it on the source")
        for path in (self.layout.freeze_file, self.layout.database_freeze_file):
            state = FreezeStore(path).read()
            if state.name != "open":
                raise Refused(
                    f"the source is {state.name} for the run {state.run}: it stays as it is",
                    next_action="let that run end, or roll it back (cutover rollback)",
                )
        load_proposer(self.profile).resume_settings(self.layout)
        self._remove_traces()
        return {"changed": True, "kept": self._undo()}

    def _remove_traces(self) -> None:
        """Remove what runs have left on this source: the key of a replica, the state of the freeze, and the results of hooks."""
        delta_access.remove_key(self.layout)
        for name in RUN_STATE:
            (self.layout.state / name).unlink(missing_ok=True)
        shutil.rmtree(self.layout.state / HOOKS, ignore_errors=True)

    def _undo(self) -> list[str]:
        """Undo every change. No signal but SIGKILL ends this half-way."""
        with ignore_termination():
            self.journal.set_state(RELEASING)
            kept = self.executor.undo()
            forget_site_file()
            self.journal.remove()
        self.journal.state, self.journal.entries = "", []
        return kept

    def _undo_failed(self, error: BaseException) -> None:
        """Undo a failed adoption. The error of the undo is only added: the first one is the reason."""
        try:
            self._undo()
        except (SiteError, OSError) as more:
            LOG.exception("the adoption failed, and so did its undo")
            raise SiteError(
                f"the adoption failed: {error}; and not everything could be undone: {more}",
                next_action="run `cutover-site release-source`, which goes on",
            ) from error

    def _get_markers(self) -> Markers:
        """Return the table of the markers. A dry run does not need it, and the library that it needs may not be installed then.

        The adoption has written site.json before, which names the administrator of a managed database.
        """
        if self.markers:
            return self.markers
        from cutover_site.adopt.server_markers import ServerMarkers
        from cutover_site.database.administrator import find_administrator_login

        machine = Machine(self.layout)
        return ServerMarkers(self.layout, lambda: find_administrator_login(machine))

    def _read_front(self) -> dict[str, str]:
        folder = self.layout.find(FRONT)
        return {name: (folder / name).read_text() for name in FRONT_FILES if (folder / name).is_file()}

    def _get_present(self) -> Present:
        def read(path: str) -> bytes | None:
            file = self.layout.find(path)
            return file.read_bytes() if file.is_file() else None

        return Present(read=read, is_folder=lambda path: self.layout.find(path).is_dir())


def describe_identity(identity: Identity) -> dict[str, Any]:
    """Return the options of an adoption, as the journal has them."""
    return {
        "region": identity.region,
        "node_id": identity.node_id,
        "roles": list(identity.roles),
        "site_secret": identity.site_secret,
        "application_secret": identity.application_secret,
        **({"administrator": asdict(identity.administrator)} if identity.administrator else {}),
    }
