"""Test connections, really from the instance's namespace to the database, so that a missing rule or route shows."""

from __future__ import annotations

import logging
import threading
from typing import Any

from rehearsal.dms.api.listing import Filters, list_page
from rehearsal.dms.credentials import NoCredentials, find_server
from rehearsal.dms.exceptions import not_found, wrong_state
from rehearsal.dms.models import Connection, Endpoint, Instance, State
from rehearsal.dms.ports import Account, Actions, Network
from rehearsal.dms.responses import format_connection
from rehearsal.dms.tools import PROBE_SECONDS, ToolFailed, ask

_log = logging.getLogger(__name__)
NOT_TESTED = (
    "Test connection for replication instance and endpoint should be successful for starting the replication task"
)


class Connections:
    """The tested connections, and the actions on them."""

    def __init__(self, state: State, network: Network, account: Account) -> None:
        self._state, self._network, self._account = state, network, account
        self.actions: Actions = {
            "TestConnection": self.test,
            "DescribeConnections": self.describe,
            "DeleteConnection": self.delete,
        }

    def test(self, replication_instance_arn: str, endpoint_arn: str) -> dict[str, Any]:
        """Begin a test; return at once."""
        with self._state.lock:
            instance = self._state.get_instance(replication_instance_arn)
            endpoint = self._state.get_endpoint(endpoint_arn)
            found = self._state.connections.get((instance.arn, endpoint.arn))
            if found is not None and found.status == "testing":
                raise wrong_state(f"Endpoint {endpoint.id} is already being tested")
            return {"Connection": format_connection(self.begin(instance, endpoint))}

    def begin(self, instance: Instance, endpoint: Endpoint) -> Connection:
        """Start a test, in the background."""
        connection = Connection(instance, endpoint)
        self._state.connections[instance.arn, endpoint.arn] = connection
        threading.Thread(target=self._probe, args=(connection,), name=f"test-{endpoint.id}", daemon=True).start()
        return connection

    def ensure(self, instance: Instance, endpoint: Endpoint) -> None:
        """Start a test unless there was one that did not fail: what the service does when a task is made."""
        found = self._state.connections.get((instance.arn, endpoint.arn))
        if found is None or found.status == "failed":
            self.begin(instance, endpoint)

    def require(self, instance: Instance, endpoint: Endpoint) -> None:
        """Require a successful last test. Raises InvalidResourceStateFault."""
        found = self._state.connections.get((instance.arn, endpoint.arn))
        if found is None or found.status != "successful":
            raise wrong_state(NOT_TESTED)

    def describe(
        self, filters: Filters = None, max_records: int | None = None, marker: str | None = None
    ) -> dict[str, Any]:
        """Return the connections that match."""
        with self._state.lock:
            return list_page(
                self._state.connections.values(),
                filters,
                {
                    "endpoint-arn": lambda one: one.endpoint.arn,
                    "replication-instance-arn": lambda one: one.instance.arn,
                },
                format_connection,
                key="Connections",
                what="Connections",
                marker=marker,
                size=max_records,
            )

    def delete(self, endpoint_arn: str, replication_instance_arn: str) -> dict[str, Any]:
        """Forget a connection."""
        with self._state.lock:
            found = self._state.connections.pop((replication_instance_arn, endpoint_arn), None)
            if found is None:
                raise not_found("No such connection")
            found.status = "deleting"
            return {"Connection": format_connection(found)}

    def _probe(self, connection: Connection) -> None:
        try:
            work = find_server(connection.endpoint, self._account)
            error = str(ask(self._network, connection.instance.name, "probe", work, PROBE_SECONDS)["error"])
        except (NoCredentials, ToolFailed) as failure:
            error = str(failure)
        except Exception as failure:  # noqa: BLE001  the test has failed, whatever it was; nobody else would notice
            _log.exception("testing endpoint %s", connection.endpoint.id)
            error = f"{type(failure).__name__}: {failure}"
        with self._state.lock:
            connection.status = "failed" if error else "successful"
            connection.message = (
                f"Test Endpoint failed: Application-Status: 1020912, Application-Message: {error}" if error else ""
            )
