"""A second provider, as unlike the first as the interface allows: a service of AWS without a secret, two ports, an agent that only needs a right."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from common.clients.provider import Clients, Job, JobStatus, Readiness, ReplicationSettings, SourceServer
from common.clock import Clock
from common.run import Launch
from common.settings import LaunchSettings
from common.settings import Settings as FunctionSettings
from compliance import acknowledge
from providers import AgentInstallation, ReplicationPort
from pydantic import Discriminator, Tag
from settings import Settings
from settings.providers import ProviderModel
from settings.providers.cloudendure import CloudEndureSettings
from settings.providers.registry import get_kind


class FakeSettings(ProviderModel):
    """The table [provider] with kind = "fake"."""

    kind: Literal["fake"]
    staging_tag: str


class TwoProviders(Settings):
    """The settings of a release that has both."""

    provider: Annotated[  # type: ignore[assignment]
        Annotated[CloudEndureSettings, Tag("cloudendure")] | Annotated[FakeSettings, Tag("fake")],
        Discriminator(get_kind),
    ]


class FakeProvider:
    """Implements providers.Provider."""

    kind = "fake"

    def __init__(self, settings: FakeSettings) -> None:
        self._settings = settings
        self.source_server_name = settings.source_server_name
        self.replication_ports = (
            ReplicationPort(construct_id="FakeBlocks", number=7001, description="Source: fake blocks"),
            ReplicationPort(construct_id="FakeControl", number=7002, description="Source: fake control"),
        )

    event_pattern = None
    needs_initialization = True

    @property
    def function_settings(self) -> Mapping[str, object]:
        return {"staging_tag": self._settings.staging_tag}

    def grant_initialization(self, function: lambda_.Function) -> None:
        self._grant(function, "fake:Initialize")

    def grant_launch(self, function: lambda_.Function, *, replica_profile: iam.InstanceProfile) -> None:
        arn = replica_profile.instance_profile_arn
        function.add_to_role_policy(iam.PolicyStatement(actions=["iam:GetInstanceProfile"], resources=[arn]))
        self._grant(function, "fake:StartTest")

    def grant_removal(self, function: lambda_.Function) -> None:
        self._grant(function, "fake:Terminate")

    def grant_replication_settings(self, function: lambda_.Function) -> None:
        self._grant(function, "fake:SetReplication")

    def _grant(self, function: lambda_.Function, action: str) -> None:
        function.add_to_role_policy(iam.PolicyStatement(actions=[action], resources=["*"]))
        acknowledge(function, "AwsSolutions-IAM5", "The fake service knows no resources.")

    def describe_agent(self) -> AgentInstallation:
        return AgentInstallation(role="fake_agent", variables={"fake_server": self._settings.source_server_name})

    def grant_agent_installation(self, role: iam.Role, *, policy: iam.Policy) -> None:  # noqa: ARG002 (the interface's)
        policy.add_statements(iam.PolicyStatement(actions=["fake:RegisterAgent"], resources=["*"]))
        acknowledge(policy, "AwsSolutions-IAM5", "The fake service knows no resources.")


class FakeClient:
    """Implements common.clients.provider.Provider: one source server, whose launches end at once."""

    operator_tool = "the fake service"

    def __init__(self, staging_tag: str, service: Any) -> None:
        self.staging_tag, self.service = staging_tag, service
        self.replica = ""
        self.acts: list[str] = []
        self.settings: ReplicationSettings | None = None

    @classmethod
    def create(cls, settings: FunctionSettings, _clock: Clock, clients: Clients) -> FakeClient:
        return cls(settings.provider.own["staging_tag"], clients("fake"))

    def initialize(self, defaults: ReplicationSettings) -> Mapping[str, Any]:  # noqa: ARG002 (the interface's)
        self.acts.append("initialize")
        return {}

    def find_source_server(self, name: str) -> SourceServer:
        return SourceServer(source_server_id="s-fake", name=name)

    def check_readiness(self, _source_server_id: str, *, tested: bool) -> Readiness:
        return Readiness(facts={"tested": tested})

    def prepare_launch(
        self, _source_server_id: str, *, launch_settings: LaunchSettings, tags: Mapping[str, str]
    ) -> Mapping[str, Any]:
        return {"subnet": launch_settings.subnet_id, "tags": dict(tags)}

    def mark_ready_for_cutover(self, _source_server_id: str) -> Mapping[str, Any]:
        self.acts.append("mark ready for cutover")
        return {}

    def launch(self, _source_server_id: str, kind: Launch, *, since: float) -> str:  # noqa: ARG002 (the interface's)
        self.replica = f"i-{kind.lower()}"
        return f"job-{kind.lower()}"

    def read_job(self, job_id: str) -> Job:
        return Job(job_id=job_id, status=JobStatus.COMPLETED)

    def refresh(self) -> None: ...

    def find_launched_instance(self, _source_server_id: str) -> str:
        return self.replica

    def find_launch_job(self, _source_server_id: str) -> str:
        return ""

    def find_last_launch(self, _source_server_id: str) -> str:
        return f"job-{self.replica.removeprefix('i-')}" if self.replica else ""

    def remove_replica(self, _source_server_id: str) -> str:
        self.replica = ""
        return ""

    def finalize(self, _source_server_id: str) -> Mapping[str, Any]:
        self.acts.append("finalize")
        return {}

    def configure_replication(self, settings: ReplicationSettings) -> Mapping[str, Any]:
        self.acts.append("configure replication")
        self.settings = settings
        return {"subnet": settings.subnet_id}
