"""`python -m tests.unit.aws.mgn.emulator`: the local AWS with MGN, without a world: the replication engine is made up."""

from __future__ import annotations

import asyncio
import os
import threading
import time

from rehearsal.aws import environment
from rehearsal.aws.control import Control
from rehearsal.aws.server import add_health, serve_until_stopped
from rehearsal.errors import RehearsalError
from rehearsal.replication_engine.dates import format_date, now
from rehearsal.replication_engine.ports import SourceMachine
from rehearsal.settings import Settings

SIZE = 8 << 30
IMAGE = "ami-0123456789abcdef0"
IDLE_SECONDS = 0.05


class FakeEngine:
    """Copies 8 GiB at once, and says so through the ports that the real one uses."""

    def __init__(self) -> None:
        self._machines: dict[str, SourceMachine] = {}
        self._points = 0

    def replicate(self, machine: SourceMachine) -> None:
        self._machines[machine.id] = machine

    def wake(self, machine_id: str) -> None:
        if machine := self._machines.get(machine_id):
            threading.Thread(target=self._turn, args=(machine,), daemon=True).start()

    def discard(self, machine_id: str) -> None:
        self._machines.pop(machine_id, None)

    def sync(self, machine_id: str, timeout: float) -> bool:
        machine, deadline = self._machines.get(machine_id), time.monotonic() + timeout
        if machine is None:
            return False
        while machine.has_fault("lag") and time.monotonic() < deadline:
            time.sleep(IDLE_SECONDS)  # the backlog never ends: so a test can hold a job
        return self._turn(machine)

    def make_image(self, machine_id: str, point: str, name: str, token: str) -> str:
        assert machine_id in self._machines
        assert point
        assert name
        assert token
        return IMAGE

    def end(self) -> bool:
        self._machines.clear()
        return True

    def _turn(self, machine: SourceMachine) -> bool:
        if not machine.is_replicating():
            return False
        with machine.records.read() as record:
            begins = record["phase"] == "waiting"
        if begins:
            try:
                machine.initiate(make_disks=lambda: None, read_source=lambda: None, pause=lambda: None)
            except RehearsalError:
                return False
            with machine.records.edit() as record:
                record.update(phase="initial", totalBytes=SIZE, replicatedBytes=SIZE // 2)
        if machine.has_fault("initial-sync"):
            return False
        if machine.has_fault("lag"):
            with machine.records.edit() as record:
                record["backloggedBytes"] = 4096
            return False
        self._points += 1
        moment = format_date(now())
        with machine.records.edit() as record:
            record.update(phase="continuous", replicatedBytes=SIZE, backloggedBytes=0, lastConsistent=moment)
            record["points"] = [*record["points"], {"id": f"point-{self._points}", "dateTime": moment}]
        return True


class Cloud:
    """EC2 of this AWS, but the image is made up as well."""

    def __init__(self, real: object) -> None:
        self._real = real

    def __getattr__(self, name: str) -> object:
        return getattr(self._real, name)

    def drop_image(self, image: str) -> None:
        assert image == IMAGE


def main() -> None:
    settings = Settings.load(os.environ)
    environment.apply(settings)
    from rehearsal.aws.authorization import Authorization
    from rehearsal.aws.clients import Clients
    from rehearsal.aws.commands import handle_commands
    from rehearsal.aws.ec2.images import Images
    from rehearsal.aws.faults import install
    from rehearsal.aws.faults.kinds import Faults
    from rehearsal.aws.mgn.checkpoint import REPLICAS
    from rehearsal.aws.mgn.service import Mgn
    from rehearsal.aws.mgn.times import ServiceTimes
    from rehearsal.aws.registry import Registry, build_application
    from rehearsal.aws.tags import Tags
    from rehearsal.replication_engine.ec2 import Ec2Cloud

    registry, faults, control = Registry(), Faults(), Control()
    registry.simulate_with_context()
    Authorization(registry, tags := Tags(registry), Images(registry, settings, tags))
    mgn = Mgn(
        registry,
        clients=Clients(settings),
        control=control,
        faults=faults,
        cloud=Cloud(Ec2Cloud(settings)),  # type: ignore[arg-type]  # passes everything on but one method
        engine=FakeEngine(),
        times=ServiceTimes(),
        replicas=settings.home / REPLICAS,
        find_machine={"192.168.7.20": "forge"}.get,
        agent_timeout=3600.0,
    )
    control.add("commands", handle_commands(mgn.checkpoint.commands))
    install(faults, registry, control)
    asyncio.run(serve_until_stopped(settings, add_health(control.wrap(build_application())), faults.clear))
    mgn.close()


if __name__ == "__main__":
    main()
