"""Replicate one machine: initiation, initial sync, then the changed blocks again and again, until the worker ends."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from rehearsal.errors import RehearsalError
from rehearsal.replication_engine.dates import now
from rehearsal.replication_engine.ledger import Ledger, generate_point_id
from rehearsal.replication_engine.ports import EngineSettings, SourceMachine
from rehearsal.replication_engine.replica import Replica
from rehearsal.replication_engine.source import SourceDisk, SourceMissing

log = logging.getLogger(__name__)


class Interrupted(Exception):
    """Replication was paused or stopped, the agent is gone, or the service ends: go on from here later."""


class Worker:
    """A thread. It owns the machine's replica; others ask it through `sync`, `wake` and `end`."""

    def __init__(self, machine: SourceMachine, settings: EngineSettings, source: SourceDisk) -> None:
        self._machine, self._settings, self._source = machine, settings, source
        self.replica = Replica(settings.replicas / machine.id)
        self._ledger = Ledger(machine.records, self.replica)
        self._condition = threading.Condition()
        self._asked = self._tried = self._served = 0
        self._woken = self._ending = False
        self._thread = threading.Thread(target=self._run, name=f"replication-{machine.id}", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def wake(self) -> None:
        """Start the next pass now, not after the interval."""
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

    def end(self, timeout: float = 8.0) -> bool:
        """Stop after the piece in work, and return whether that happened in time. What was copied stays usable."""
        with self._condition:
            self._ending = True
            self._condition.notify_all()
        if self._thread.is_alive():
            self._thread.join(timeout)
        return not self._thread.is_alive()

    def _run(self) -> None:
        self._source.recover()
        self._ledger.recover()
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
            log.warning("replication of machine %s: %s", self._machine.id, error)
            self._ledger.record_problem(str(error))
            return False
        self._ledger.record_problem("")
        return fresh

    def _turn(self) -> bool:
        """Run one step of the machine's replication. Return True when the replica is as new as the beginning of the call."""
        self._continue()
        match self._ledger.phase:
            case "waiting":
                self._machine.initiate(
                    make_disks=self.replica.make,
                    read_source=self._check_size,
                    pause=lambda: self._pause(self._settings.initiation_step),
                )
                waited = self._begin()
                log.info("machine %s: initial sync begins, writers waited %.0f ms", self._machine.id, waited * 1e3)
                self._fill()
            case "initial":
                self._fill()
            case "continuous" if self._machine.has_fault("rescan") or not self._ledger.comparable:
                self._rescan()
        return self._advance()

    def _begin(self) -> float:
        point = generate_point_id()
        self.replica.make()
        moment = now()
        waited = self._source.snapshot(self.replica.locate_base(point))
        self._ledger.begin(point, moment, waited, self._source.read_size())
        return waited

    def _fill(self) -> None:
        began, start = time.monotonic(), self._ledger.position
        size = self.replica.locate_base(self._ledger.current).stat().st_size
        for position, copied in self.replica.fill(self._ledger.current, start):
            speed = (position - start) / max(time.monotonic() - began, 0.001)
            self._ledger.record_fill(position, copied, expected_in=(size - position) / max(speed, 1.0))
            self._continue()
            if position >= size // 2:
                self._wait_while(lambda: self._machine.has_fault("initial-sync"))
        self._ledger.record_initial_point()
        log.info("machine %s: initial sync done, %d bytes", self._machine.id, size)

    def _advance(self) -> bool:
        moment = now()
        ranges = self._source.list_changes_since(self.replica.locate_base(self._ledger.current))
        self._ledger.record_backlog(sum(length for _, length in ranges))
        if ranges and self._machine.has_fault("lag"):
            return False
        if ranges:
            point = generate_point_id()
            moment = now()
            step = self.replica.advance(self._ledger.current, point, self._source.snapshot)
            self._ledger.record_point(point, moment, step)
        self._ledger.record_consistency(moment, next_in=self._settings.sync_interval)
        return True

    def _rescan(self) -> None:
        point, moment = generate_point_id(), now()
        for rescanned, copied in self.replica.rescan(self._ledger.current, point, self._source.snapshot):
            self._ledger.record_rescan(rescanned, copied)
            self._continue()
        self._ledger.rescan_done(point, moment)

    def _continue(self) -> None:
        """Raise Interrupted when there is nothing to do now."""
        if self._ending or not self._machine.is_replicating():
            raise Interrupted

    def _pause(self, seconds: float) -> None:
        with self._condition:
            self._condition.wait_for(lambda: self._ending, seconds) if seconds else None
        self._continue()

    def _wait_while(self, standing: Callable[[], bool]) -> None:
        while standing():
            self._pause(min(1.0, self._settings.sync_interval))

    def _check_size(self) -> None:
        if self._source.read_size() <= 0:
            raise SourceMissing("The agent's machine has an empty disk.")
