"""One machine's replication: initiation, initial sync, then what changed, again and again, until it is told to stop."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from rehearsal.cloudendure.config import ConsoleSettings
from rehearsal.cloudendure.faults import Faults
from rehearsal.cloudendure.latency import service_times
from rehearsal.cloudendure.models import is_connected
from rehearsal.cloudendure.replication.initiation import Check, initiate
from rehearsal.cloudendure.replication.ledger import Ledger
from rehearsal.cloudendure.replication.replica import Replica
from rehearsal.cloudendure.replication.source import SourceDisk, SourceMissing
from rehearsal.cloudendure.responses import new_id, now
from rehearsal.cloudendure.store import Store
from rehearsal.errors import RehearsalError

log = logging.getLogger(__name__)


class Interrupted(Exception):
    """Replication was paused or stopped, the agent is gone, or the console ends: go on from here later."""


class Worker:
    """A thread. It owns the machine's replica; others ask it through `sync`, `wake` and `end`."""

    def __init__(
        self,
        machine: str,
        *,
        settings: ConsoleSettings,
        store: Store,
        faults: Faults,
        source: SourceDisk,
        checks: dict[str, Check],
    ) -> None:
        self._machine, self._settings, self._store, self._faults = machine, settings, store, faults
        self._source = source
        self._checks = {**checks, **self._own_checks()}
        self.replica = Replica(settings.replicas / machine)
        self._ledger = Ledger(store, machine, self.replica)
        self._times = service_times(settings.latency)
        self._condition = threading.Condition()
        self._asked = self._tried = self._served = 0
        self._woken = self._ending = False
        self._thread = threading.Thread(target=self._run, name=f"replication-{machine}", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def wake(self) -> None:
        """Look now instead of after the interval."""
        with self._condition:
            self._woken = True
            self._condition.notify_all()

    def sync(self, timeout: float) -> bool:
        """Bring the replica to a point that is not older than this call; False when that was not possible in time."""
        with self._condition:
            self._asked += 1
            mine = self._asked
            self._woken = True
            self._condition.notify_all()
            self._condition.wait_for(lambda: self._tried >= mine or self._ending, timeout)
            return self._served >= mine

    def end(self, timeout: float = 8.0) -> None:
        """Stop after the piece in work; what was copied stays usable."""
        with self._condition:
            self._ending = True
            self._condition.notify_all()
        if self._thread.is_alive():
            self._thread.join(timeout)

    def _run(self) -> None:
        self._source.recover()
        self._ledger.tidy()
        while not self._ending:
            with self._condition:
                asked, self._woken = self._asked, False
            fresh = self._try()
            with self._condition:
                self._tried, self._served = asked, asked if fresh else self._served
                self._condition.notify_all()
                self._condition.wait_for(lambda: self._woken or self._ending, self._settings.sync_interval)

    def _try(self) -> bool:
        try:
            fresh = self._turn()
        except Interrupted:
            return False
        except (RehearsalError, OSError) as error:
            log.warning("replication of machine %s: %s", self._machine, error)
            self._ledger.problem(str(error))
            return False
        self._ledger.problem("")
        return fresh

    def _turn(self) -> bool:
        """One step of the machine's replication; True when the replica is as new as the beginning of the call."""
        self._continue()
        match self._ledger.phase:
            case "waiting":
                initiate(self._store, self._machine, self._checks, lambda: self._pause(self._times.initiation_step))
                waited = self._begin()
                log.info("machine %s: initial sync begins, writers waited %.0f ms", self._machine, waited * 1e3)
                self._fill()
            case "initial":
                self._fill()
            case "continuous" if self._faults.strikes("rescan", self._name) or not self._ledger.comparable:
                self._rescan()
        return self._advance()

    def _begin(self) -> float:
        point = new_id()
        self.replica.make()
        moment = now()
        waited = self._source.snapshot(self.replica.base(point))
        self._ledger.begin(point, moment, waited, self._source.size())
        return waited

    def _fill(self) -> None:
        began, start = time.monotonic(), self._ledger.position
        size = self.replica.base(self._ledger.current).stat().st_size
        for position, copied in self.replica.fill(self._ledger.current, start):
            speed = (position - start) / max(time.monotonic() - began, 0.001)
            self._ledger.filled(position, copied, expected_in=(size - position) / max(speed, 1.0))
            self._continue()
            if position >= size // 2:
                self._hold(lambda: self._faults.strikes("initial-sync", self._name) is not None)
        self._ledger.initial_done()
        log.info("machine %s: initial sync done, %d bytes", self._machine, size)

    def _advance(self) -> bool:
        moment = now()
        ranges = self._source.changed_since(self.replica.base(self._ledger.current))
        self._ledger.backlog(sum(length for _, length in ranges))
        if ranges and self._faults.strikes("lag", self._name):
            return False
        if ranges:
            point = new_id()
            moment = now()
            step = self.replica.advance(self._ledger.current, point, self._source.snapshot)
            self._ledger.advanced(point, moment, step)
        self._ledger.consistent(moment, next_in=self._settings.sync_interval)
        return True

    def _rescan(self) -> None:
        point, moment = new_id(), now()
        for rescanned, copied in self.replica.rescan(self._ledger.current, point, self._source.snapshot):
            self._ledger.rescanned(rescanned, copied)
            self._continue()
        self._ledger.rescan_done(point, moment)

    def _continue(self) -> None:
        """Raise Interrupted when there is nothing to do now."""
        with self._store.look() as state:
            machine = state["machines"].get(self._machine)
            if self._ending or machine is None or machine["replicationStatus"] != "STARTED":
                raise Interrupted
            if not is_connected(machine, self._settings.agent_timeout):
                raise Interrupted

    def _pause(self, seconds: float) -> None:
        with self._condition:
            self._condition.wait_for(lambda: self._ending, seconds) if seconds else None
        self._continue()

    def _hold(self, standing: Callable[[], bool]) -> None:
        while standing():
            self._pause(min(1.0, self._settings.sync_interval))

    @property
    def _name(self) -> str:
        with self._store.look() as state:
            return str(state["machines"].get(self._machine, {}).get("sourceProperties", {}).get("name", ""))

    def _own_checks(self) -> dict[str, Check]:
        return {
            "CREATING_REPLICATION_DISKS": lambda: self.replica.make(),
            "PAIRING_REPLICATION_SERVER_WITH_AGENT": self._readable,
        }

    def _readable(self) -> None:
        if self._source.size() <= 0:
            raise SourceMissing("The agent's machine has an empty disk.")
