"""The clients of a warm function: parameters are those of the run that it works for, and no lost request outlasts the hold of writes."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import boto3
from botocore.config import Config
from cutover_site.aws.session import Aws
from cutover_site.freeze.attempts import AttemptLimits
from procedure.toolbox import Services

from tests.unit.procedure.clock import FakeClock
from tests.unit.procedure.world import SETTINGS


def test_parameters_are_read_again_for_each_run() -> None:
    services = Services(SETTINGS, FakeClock(), boto3.session.Session(region_name="us-east-1"))
    services.begin("run-1")
    first = services.parameters

    services.begin("run-1")
    assert services.parameters is first
    services.begin("run-2")
    assert services.parameters is not first


class Session:
    """A session that keeps with which settings clients are made."""

    def __init__(self) -> None:
        self.configs: dict[str, Config] = {}

    def client(self, service: str, config: Config) -> Any:
        self.configs[service] = config
        return SimpleNamespace()


def get_seconds_of_a_lost_request(config: Any) -> float:
    assert config.retries["total_max_attempts"] > 1
    return float(config.connect_timeout + config.read_timeout)


def test_a_lost_request_for_the_record_or_a_machine_is_sent_again_while_writes_are_held() -> None:
    session: Any = Session()
    services = Services(SETTINGS, FakeClock(), session)
    assert services.runs
    assert services.machines

    for service in ("dynamodb", "ssm"):
        assert get_seconds_of_a_lost_request(session.configs[service]) < SETTINGS.limits.freeze_hold


def test_a_machine_sends_a_lost_request_for_the_record_again_while_writes_are_held() -> None:
    aws = Aws(site="gogs", region="us-east-1")
    aws._session = session = Session()  # type: ignore[assignment]

    aws.get_client("dynamodb")

    assert get_seconds_of_a_lost_request(session.configs["dynamodb"]) < AttemptLimits().hold_seconds
