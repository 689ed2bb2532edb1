"""Create the parts of the console and connect them."""

from __future__ import annotations

from functools import partial

from rehearsal.cloudendure.agents import Agents
from rehearsal.cloudendure.config import ConsoleSettings
from rehearsal.cloudendure.demo import ensure_demo
from rehearsal.cloudendure.faults import Faults
from rehearsal.cloudendure.launch.jobs import Jobs
from rehearsal.cloudendure.launch.launched import Launches
from rehearsal.cloudendure.launch.launcher import Launcher
from rehearsal.cloudendure.replication.manager import Replication
from rehearsal.cloudendure.sessions import FailedLogins, Sessions
from rehearsal.cloudendure.store import Store
from rehearsal.replication_engine.cloud import Cloud
from rehearsal.replication_engine.engine import Sources
from rehearsal.replication_engine.source import find_source


class Console:
    """The console with its parts. Tests replace `cloud` and `sources`."""

    def __init__(self, settings: ConsoleSettings, cloud: Cloud, sources: Sources | None = None) -> None:
        settings.folder.mkdir(parents=True, exist_ok=True)
        self.settings, self.cloud = settings, cloud
        self.store = Store(settings.folder / "state.json")
        self.faults = Faults()
        self.sessions = Sessions(settings.session_lifetime)
        self.failed_logins = FailedLogins(settings.failed_logins, settings.failed_login_window)
        self.jobs = Jobs(self.store)
        self.launches = Launches(self.store)
        self.replication = Replication(
            settings, self.store, self.faults, cloud, sources or partial(find_source, settings.world)
        )
        self.agents = Agents(settings, self.store, self.replication)
        self.launcher = Launcher(
            settings,
            store=self.store,
            faults=self.faults,
            cloud=cloud,
            replication=self.replication,
            launches=self.launches,
        )

    def start(self) -> None:
        """Create the demo account and project if necessary. Resume jobs and replication."""
        ensure_demo(self.settings, self.store)
        self.jobs.resume()
        self.replication.resume()

    def end(self) -> None:
        """Stop jobs and replication."""
        self.jobs.end()
        self.replication.end()
