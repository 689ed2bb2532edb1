"""The client of MGN with simulators behind botocore."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from common.clients.mgn import Mgn
from common.settings import LaunchSettings, ProviderSettings, Settings

from tests.unit.mgn.ec2 import Ec2Simulator, IamSimulator, StsSimulator
from tests.unit.mgn.simulator import MgnSimulator
from tests.unit.mgn.wire import Account
from tests.unit.procedure.clock import FakeClock

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
