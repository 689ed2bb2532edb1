"""Read and write the parameters of a site in Parameter Store."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from common.clients.aws import get_error_code, translate_aws_errors
from common.errors import StepFailed
from common.site_parameters import Parameter, Replication, Target, build_parameter_path

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient

OWNERS: Mapping[Parameter, str] = {
    Parameter.REPLICATION: "ReplicationStack",
    Parameter.TARGET: "TestLaunchStack",
    Parameter.MODE: "DataStack",
}
"""stacks that write what is read here"""


class Parameters:
    """The parameters of one site. StepFailed names the parameter, and the stack to deploy."""

    def __init__(self, ssm: SSMClient, site: str) -> None:
        self._ssm, self._site = ssm, site

    def read_replication(self) -> Replication:
        """Return the facts about replication."""
        raw = self._read_object(Parameter.REPLICATION)
        try:
            return Replication.from_json(raw)
        except ValueError as error:
            raise self._build_failure(Parameter.REPLICATION, str(error)) from error

    def read_target(self, given: Mapping[str, Any]) -> Target:
        """Return the facts about the target. Keys of `given` replace those of the parameter."""
        return Target.from_json({**self._read_object(Parameter.TARGET), **given})

    def read_mode(self) -> str:
        """Return the mode in which a new target starts: `scratch` or `live`."""
        return self._get(Parameter.MODE)

    def set_mode(self, mode: str) -> None:
        """Set the mode in which a new target starts: `scratch` or `live`."""
        self._put(Parameter.MODE, mode)

    def set_image(self, image_id: str, root_device: str) -> None:
        """Set the image of the site's servers, and its root device. ServersStack reads both when it is updated."""
        self._put(Parameter.IMAGE_ROOT_DEVICE, root_device)
        self._put(Parameter.IMAGE, image_id)

    def _read_object(self, parameter: Parameter) -> dict[str, Any]:
        text = self._get(parameter)
        try:
            return dict(json.loads(text))
        except (ValueError, TypeError) as error:
            raise self._build_failure(parameter, "is not a JSON object") from error

    def _get(self, parameter: Parameter) -> str:
        try:
            with translate_aws_errors("ssm:GetParameter"):
                return self._ssm.get_parameter(Name=self._build_path(parameter))["Parameter"]["Value"]
        except StepFailed as failed:
            if isinstance(failed.__cause__, ClientError) and get_error_code(failed.__cause__) == "ParameterNotFound":
                raise self._build_failure(parameter, "does not exist") from failed
            raise

    def _put(self, parameter: Parameter, value: str) -> None:
        with translate_aws_errors("ssm:PutParameter"):
            self._ssm.put_parameter(Name=self._build_path(parameter), Value=value, Type="String", Overwrite=True)

    def _build_path(self, parameter: Parameter) -> str:
        return build_parameter_path(self._site, parameter)

    def _build_failure(self, parameter: Parameter, problem: str) -> StepFailed:
        return StepFailed(
            f"parameter {self._build_path(parameter)} {problem}", next_action=f"deploy {OWNERS[parameter]}"
        )


class ParametersOfRun(Parameters):
    """Reads what the stacks publish once. Use it for one run: no stack changes while a run has the lock, and users wait for some steps."""

    def __init__(self, ssm: SSMClient, site: str) -> None:
        super().__init__(ssm, site)
        self._objects: dict[Parameter, dict[str, Any]] = {}

    def _read_object(self, parameter: Parameter) -> dict[str, Any]:
        if parameter not in self._objects:
            self._objects[parameter] = super()._read_object(parameter)
        return self._objects[parameter]
