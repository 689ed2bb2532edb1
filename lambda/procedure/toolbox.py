"""The real clients of one invocation."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import boto3
from botocore.config import Config
from common.clients.autoscaling import TargetGroupMembers
from common.clients.compute import Compute
from common.clients.console import Consoles
from common.clients.dms import DatabaseReplication
from common.clients.dns import PublicName
from common.clients.evidence import Evidence
from common.clients.functions import Functions
from common.clients.ingress import TargetIngress
from common.clients.machines import Machines
from common.clients.messages import Messages, NoMessages, TopicMessages
from common.clients.parameters import Parameters, ParametersOfRun
from common.clients.provider import Provider
from common.clients.provider_events import NoProviderEvents, ProviderEvents, QueuedProviderEvents
from common.clients.providers import create_provider
from common.clients.queue import Queue
from common.clients.reports import Reports
from common.clients.resolver import resolve
from common.clients.runs import Runs
from common.clock import Clock
from common.settings import Settings

# The state machine retries steps. A client that retries for minutes would hide failures.
CONFIG = Config(connect_timeout=5, read_timeout=30, retries={"mode": "standard", "total_max_attempts": 3})
# Users wait for the run record and for commands, and are held for some seconds only: a request without a response is sent again soon.
PROMPT = Config(connect_timeout=2, read_timeout=5, retries={"mode": "standard", "total_max_attempts": 4})
# No retries while the source is frozen: a later step writes the records that failed.
ONCE = Config(connect_timeout=2, read_timeout=5, retries={"mode": "standard", "total_max_attempts": 1})

# A run waits for a message at most so long.
BRIEF = Config(connect_timeout=2, read_timeout=3, retries={"mode": "standard", "total_max_attempts": 1})


def _create_unretried_config(seconds: int) -> Config:
    """Return the settings of a client that waits so long for the response to a request, which it sends once."""
    return Config(connect_timeout=2, read_timeout=seconds, retries={"mode": "standard", "total_max_attempts": 1})


class Services:
    """Implements procedure.context.Toolbox. boto3 clients are made once and kept while the function is warm."""

    def __init__(self, settings: Settings, clock: Clock, session: boto3.session.Session | None = None) -> None:
        self._settings, self._clock = settings, clock
        self._session = session or boto3.session.Session()
        self._clients: dict[tuple[str, Config], Any] = {}
        self._run_id = ""

    def begin(self, run_id: str) -> None:
        """Forget what was read for another run."""
        if run_id != self._run_id:
            self._run_id = run_id
            self.__dict__.pop("parameters", None)

    def _get_client(self, service: str, config: Config = CONFIG) -> Any:
        key = (service, config)
        if key not in self._clients:
            self._clients[key] = self._session.client(service, config=config)  # type: ignore[call-overload]
        return self._clients[key]

    @cached_property
    def runs(self) -> Runs:
        return Runs(
            self._get_client("dynamodb", PROMPT), self._settings.runs_table, self._settings.site, clock=self._clock
        )

    @cached_property
    def parameters(self) -> Parameters:
        return ParametersOfRun(self._get_client("ssm", PROMPT), self._settings.site)

    @cached_property
    def machines(self) -> Machines:
        return Machines(self._get_client("ssm", PROMPT))

    @cached_property
    def compute(self) -> Compute:
        return Compute(self._get_client("ec2"))

    @cached_property
    def consoles(self) -> Consoles:
        return Consoles(self._get_client("ec2", ONCE))

    @cached_property
    def functions(self) -> Functions:
        return Functions(lambda seconds: self._get_client("lambda", _create_unretried_config(seconds)))

    @cached_property
    def people_messages(self) -> Messages:
        topic_arn = self._settings.messages_topic_arn
        return TopicMessages(self._get_client("sns", BRIEF), topic_arn) if topic_arn else NoMessages()

    @cached_property
    def provider(self) -> Provider:
        return create_provider(self._settings, self._clock, self._get_client)

    @cached_property
    def provider_events(self) -> ProviderEvents:
        queue_url = self._settings.provider.events_queue_url
        if not queue_url:
            return NoProviderEvents()
        return QueuedProviderEvents(Queue(self._get_client("sqs"), queue_url), self._clock)

    def create_evidence(self, run_id: str) -> Evidence:
        return Evidence(self._get_client("s3", ONCE), self._settings.evidence_bucket, run_id)

    def create_database(self, task_arn: str) -> DatabaseReplication:
        return DatabaseReplication(self._get_client("dms"), task_arn, self._get_client("cloudwatch"))

    def create_reports(self, queue_url: str) -> Reports:
        return Reports(self._get_client("sqs"), queue_url)

    def create_ingress(self, security_group_id: str) -> TargetIngress:
        return TargetIngress(self._get_client("ec2"), security_group_id)

    def create_members(self, auto_scaling_group: str) -> TargetGroupMembers:
        return TargetGroupMembers(self._get_client("autoscaling"), self._get_client("elbv2"), auto_scaling_group)

    def create_public_name(self, zone_id: str) -> PublicName:
        return PublicName(self._get_client("route53"), zone_id)

    def resolve(self, name: str) -> frozenset[str]:
        return resolve(name)
