"""Read and write the parameters of a site in Parameter Store."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from common.clients.aws import aws_errors, error_code
from common.errors import StepFailed
from common.site_parameters import Parameter, Replication, Target, parameter_path

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient

OWNERS: Mapping[Parameter, str] = {
    Parameter.REPLICATION: "ReplicationStack",
    Parameter.TARGET: "MigrationStack",
    Parameter.MODE: "MigrationStack",
}
"""stacks that write what is read here"""


class Parameters:
    """The parameters of one site. StepFailed names the parameter, and the stack to deploy."""

    def __init__(self, ssm: SSMClient, site: str) -> None:
        self._ssm, self._site = ssm, site

    def read_replication(self) -> Replication:
        """Return the facts about replication."""
        raw = self._json(Parameter.REPLICATION)
        try:
            return Replication.from_json(raw)
        except ValueError as error:
            raise self._failed(Parameter.REPLICATION, str(error)) from error

    def read_target(self, given: Mapping[str, Any]) -> Target:
        """Return the facts about the target. Keys of `given` replace those of the parameter."""
        return Target.from_json({**self._json(Parameter.TARGET), **given})

    def read_mode(self) -> str:
        """Return the mode in which a new target starts: `scratch` or `live`."""
        return self._get(Parameter.MODE)

    def set_mode(self, mode: str) -> None:
        """Set the mode in which a new target starts: `scratch` or `live`."""
        with aws_errors("ssm:PutParameter"):
            self._ssm.put_parameter(Name=self._path(Parameter.MODE), Value=mode, Type="String", Overwrite=True)

    def _json(self, parameter: Parameter) -> dict[str, Any]:
        text = self._get(parameter)
        try:
            return dict(json.loads(text))
        except (ValueError, TypeError) as error:
            raise self._failed(parameter, "is not a JSON object") from error

    def _get(self, parameter: Parameter) -> str:
        try:
            with aws_errors("ssm:GetParameter"):
                return self._ssm.get_parameter(Name=self._path(parameter))["Parameter"]["Value"]
        except StepFailed as failed:
            if isinstance(failed.__cause__, ClientError) and error_code(failed.__cause__) == "ParameterNotFound":
                raise self._failed(parameter, "does not exist") from failed
            raise

    def _path(self, parameter: Parameter) -> str:
        return parameter_path(self._site, parameter)

    def _failed(self, parameter: Parameter, problem: str) -> StepFailed:
        return StepFailed(f"parameter {self._path(parameter)} {problem}", next_action=f"deploy {OWNERS[parameter]}")
