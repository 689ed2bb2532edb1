"""The client of MGN with simulators behind botocore."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from common.clients.mgn import Mgn
from common.settings import LaunchSettings, ProviderSettings, Settings
from procedure.registry import Observer
from procedure.step import Step

from tests.unit.mgn.ec2 import Ec2Simulator, IamSimulator, StsSimulator
from tests.unit.mgn.launching import Run, ignore
from tests.unit.mgn.simulator import MgnSimulator
from tests.unit.mgn.wire import Account
from tests.unit.procedure.asl import Result
from tests.unit.procedure.clock import FakeClock
from tests.unit.procedure.conftest import build_definitions, run_machine

if TYPE_CHECKING:
    from tests.unit.mgn.world import MgnWorld

OWN = {
    "replication_server_instance_type": "t3.small",
    "ebs_encryption_key_arn": "",
    "bandwidth_throttling_mbps": 0,
    "boot_mode": "USE_SOURCE",
}
PROFILE = "cutover-replica"
PLACE = LaunchSettings(subnet_id="subnet-1", security_group_ids=("sg-1",), instance_profile=PROFILE)
TAGS = {"Name": "cutover-gogs-replica", "cutover:role": "replica", "cutover:run-id": "r1"}


@dataclass
class Stage:
    """One account with one source server, `gogs`."""

    clock: FakeClock = field(default_factory=FakeClock)
    ec2: Ec2Simulator = field(default_factory=Ec2Simulator)
    iam: IamSimulator = field(default_factory=IamSimulator)
    sts: StsSimulator = field(default_factory=StsSimulator)
    events_queue_url: str = ""

    def __post_init__(self) -> None:
        self.mgn = MgnSimulator(self.clock, self.ec2, on_initialize=self.iam.initialize)
        self.iam.add_all()
        self.iam.roles |= {"Procedure", "Replica"}
        self.iam.profiles[PROFILE] = ["Replica"]
        self.server_id = self.mgn.add_server()
        self.since = self.clock.now()

    def connect(self, client_class: type[Mgn] = Mgn, **own: object) -> Mgn:
        """A client, as each invocation of a function makes one."""
        settings = Settings(
            site="gogs",
            runs_table="runs",
            evidence_bucket="evidence",
            provider=ProviderSettings(
                kind="mgn", source_server_name="gogs", own={**OWN, **own}, events_queue_url=self.events_queue_url
            ),
            launch_settings=PLACE,
        )
        account = Account({"mgn": self.mgn, "ec2": self.ec2, "iam": self.iam, "sts": self.sts})
        return client_class(settings, self.clock, account)

    @property
    def state(self) -> str:
        return str(self.mgn.servers[self.server_id]["lifeCycle"]["state"])

    @state.setter
    def state(self, state: str) -> None:
        self.mgn.servers[self.server_id]["lifeCycle"]["state"] = state

    def launch(self, client: Mgn, kind: str = "TEST") -> str:
        """Launch and let the job end; return it."""
        client.prepare_launch(self.server_id, launch_settings=PLACE, tags=TAGS)
        job = client.launch(self.server_id, kind, since=self.since)  # type: ignore[arg-type]
        self.mgn.end(job)
        return job


@pytest.fixture
def stage() -> Stage:
    return Stage()


@pytest.fixture
def client(stage: Stage) -> Mgn:
    return stage.connect()


@pytest.fixture(scope="session")
def definitions() -> dict[str, Any]:
    return build_definitions(has_provider_events=True)


@pytest.fixture
def test_launch(definitions: dict[str, Any]) -> Run:
    """Run a test launch. Return its result, and how many seconds after the end of the launch job the procedure saw it."""

    def run(
        world: MgnWorld, step_observer: Observer = ignore, *, longer_seconds: float = 0.0, **options: Any
    ) -> tuple[Result, float]:
        seen: list[float] = []
        world.service.seconds["LAUNCH"] += longer_seconds

        def observe(step: Step, outcome: str, facts: Mapping[str, Any]) -> None:
            step_observer(step, outcome, facts)
            if step.name == "await-job" and outcome == "done":
                seen.append(world.clock.now())

        result = run_machine(world, definitions, "test-launch", observe=observe, **options)
        return result, seen[0] - min(world.service.ended.values()) if seen else float("inf")

    return run
