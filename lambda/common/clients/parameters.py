"""What the stacks wrote into SSM parameters, as typed facts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from common.clients.aws import aws_errors, error_code
from common.errors import StepFailed
from common.run import Replication, Target

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient

SCRATCH: Final = "scratch"
LIVE: Final = "live"


class Parameters:
    def __init__(self, ssm: SSMClient, prefix: str) -> None:
        self._ssm, self._prefix = ssm, prefix

    def replication(self) -> Replication:
        raw = self._json("replication", owner="ReplicationStack")
        known = {f.name: raw[f.name] for f in fields(Replication) if f.name in raw}
        missing = [f.name for f in fields(Replication) if f.name not in raw]
        if missing:
            raise StepFailed(
                f"parameter {self._prefix}/replication lacks {', '.join(missing)}",
                next_action="deploy ReplicationStack",
            )
        return Replication(**{**known, "database_port": int(known["database_port"])})

    def target(self, given: Mapping[str, Any]) -> Target:
        """`given` wins over the parameter. Keys that this version does not know are left out."""
        return Target.parse({**self._json("target", owner="MigrationStack"), **given})

    def mode(self) -> str:
        return self._get("mode", owner="MigrationStack")

    def set_mode(self, mode: str) -> None:
        """What auto scaling's next instances start in: `scratch` or `live`."""
        with aws_errors("ssm:PutParameter"):
            self._ssm.put_parameter(Name=f"{self._prefix}/mode", Value=mode, Type="String", Overwrite=True)

    def _json(self, name: str, *, owner: str) -> dict[str, Any]:
        text = self._get(name, owner=owner)
        try:
            return dict(json.loads(text))
        except (ValueError, TypeError) as error:
            raise StepFailed(
                f"parameter {self._prefix}/{name} is not a JSON object", next_action=f"deploy {owner} again"
            ) from error

    def _get(self, name: str, *, owner: str) -> str:
        try:
            with aws_errors("ssm:GetParameter"):
                return self._ssm.get_parameter(Name=f"{self._prefix}/{name}")["Parameter"]["Value"]
        except StepFailed as failed:
            if isinstance(failed.__cause__, ClientError) and error_code(failed.__cause__) == "ParameterNotFound":
                raise StepFailed(
                    f"parameter {self._prefix}/{name} does not exist", next_action=f"deploy {owner}"
                ) from failed
            raise
