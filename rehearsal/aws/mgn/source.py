"""A source server of MGN, as the replication engine sees it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from rehearsal.aws.mgn.life_cycle import STEPS
from rehearsal.aws.mgn.models import SourceServer
from rehearsal.aws.mgn.stalls import Stalls
from rehearsal.aws.mgn.state import State
from rehearsal.errors import RehearsalError
from rehearsal.replication_engine.dates import now
from rehearsal.replication_engine.ports import Check, FaultKind, Record


class ServerRecords:
    """Implements Records in memory. `changed` is called after each use, without the lock."""

    def __init__(self, state: State, server: SourceServer, changed: Callable[[SourceServer], None]) -> None:
        self._state, self._server, self._changed = state, server, changed

    @contextmanager
    def read(self) -> Iterator[Record]:
        """Read or change: nothing is kept on disk."""
        with self._state.lock:
            yield self._server.record
        self._changed(self._server)

    edit = read


class Machine:
    """Implements SourceMachine. `checks`: name of a step -> what can fail in it."""

    def __init__(
        self,
        state: State,
        server: SourceServer,
        *,
        stalls: Stalls,
        checks: Mapping[str, Check],
        changed: Callable[[SourceServer], None],
    ) -> None:
        self.id, self.machine_id = server.id, server.machine_id
        self.records = ServerRecords(state, server, changed)
        self._state, self._server, self._stalls, self._checks = state, server, stalls, checks

    @property
    def name(self) -> str:
        """Return the name for logs."""
        return self._server.names[0]

    def is_replicating(self) -> bool:
        """Return whether replication is started, and neither the agent nor an ordered fault keeps it from work."""
        with self._state.lock:
            wanted = self._server.replication == "STARTED" and self.id in self._state.servers
            return wanted and not self._stalls.find_blocking_error(self._server)

    def initiate(self, make_disks: Check, read_source: Check, pause: Callable[[], None]) -> None:
        """Go through the steps before the first block. Raises RehearsalError that names the step."""
        checks = {
            **self._checks,
            "CREATE_STAGING_DISKS": make_disks,
            "PAIR_REPLICATION_SERVER_WITH_AGENT": read_source,
        }
        with self._state.lock:
            self._server.initiated = now()
            self._server.steps = dict.fromkeys(STEPS, "NOT_STARTED")
        for name in STEPS:
            self._mark(name, "IN_PROGRESS")
            pause()
            try:
                checks.get(name, _do_nothing)()
            except RehearsalError as error:
                self._mark(name, "FAILED")
                with self._state.lock:
                    self._server.failed_step, self._server.failure = name, str(error)
                raise RehearsalError(f"{name}: {error}") from error
            self._mark(name, "SUCCEEDED")
        with self._state.lock:
            self._server.first_byte = now()
            self._server.failed_step = self._server.failure = ""

    def has_fault(self, kind: FaultKind) -> bool:
        """Return whether an ordered fault hits this event, and count it."""
        return self._stalls.find_hit(f"mgn-{kind}", self._server) is not None

    def _mark(self, step: str, status: str) -> None:
        with self._state.lock:
            self._server.steps[step] = status


def _do_nothing() -> None:
    return
