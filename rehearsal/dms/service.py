"""All of DMS, put together."""

from __future__ import annotations

from pathlib import Path

from rehearsal.dms.api.assessments import Assessments
from rehearsal.dms.api.certificates import Certificates
from rehearsal.dms.api.connections import Connections
from rehearsal.dms.api.endpoints import Endpoints
from rehearsal.dms.api.events import Events
from rehearsal.dms.api.instances import Instances
from rehearsal.dms.api.statistics import Statistics
from rehearsal.dms.api.subnet_groups import SubnetGroups
from rehearsal.dms.api.tags import Tags
from rehearsal.dms.api.tasks import Tasks
from rehearsal.dms.control import Control
from rehearsal.dms.engines import Engines
from rehearsal.dms.metrics import Metrics
from rehearsal.dms.models import State
from rehearsal.dms.ports import Account, Actions, Network


class Dms:
    """The service. `actions` handle the API; they are thread-safe and may block. `folder` holds process ids and the control socket."""

    def __init__(self, network: Network, account: Account, *, folder: Path, logs: Path) -> None:
        self.state = State()
        self.subnet_groups = SubnetGroups(self.state, network, account)
        self.instances = Instances(self.state, network, account)
        self.endpoints = Endpoints(self.state)
        self.connections = Connections(self.state, network, account)
        self.engines = Engines(self.state, network, account, folder=folder, logs=logs)
        self.tasks = Tasks(self.state, self.connections, self.engines)
        self.statistics = Statistics(self.state, self.engines)
        self.assessments = Assessments(self.state, network, account, self.engines)
        self.metrics = Metrics(self.state, self.engines, account)
        self.control = Control(self.state, self.engines, folder)
        self._network = network
        tables = (
            self.subnet_groups.actions,
            self.instances.actions,
            Certificates(self.state).actions,
            self.endpoints.actions,
            self.connections.actions,
            self.tasks.actions,
            self.statistics.actions,
            self.assessments.actions,
            Tags(self.state).actions,
            Events(self.state).actions,
        )
        self.actions: Actions = {name: action for table in tables for name, action in table.items()}

    def start(self) -> None:
        """Publish metrics and listen for control commands."""
        self.metrics.start()
        self.control.start()

    def close(self) -> None:
        """End every engine, and leave no namespace behind."""
        self.metrics.close()
        self.control.close()
        self.engines.close()
        for instance in self.state.instances.values():
            self._network.close(instance.name)
