"""GetConsoleOutput returns the end of the console output of a machine, also after its termination."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest

from rehearsal.aws.ec2.api.console import LONGEST, ConsoleApi
from rehearsal.aws.exceptions import ApiError


class FakeRegistry:
    def register_actions(self, service: str, actions: dict[str, Any]) -> None:
        self.registered = (service, set(actions))


class FakeInstances:
    def get(self, instance_id: str) -> str:
        if instance_id != "i-1":
            raise ApiError("InvalidInstanceID.NotFound", instance_id)
        return instance_id


@pytest.fixture
def api(tmp_path: Path) -> ConsoleApi:
    registry = FakeRegistry()
    made = ConsoleApi(registry, FakeInstances(), tmp_path)  # type: ignore[arg-type]
    assert registry.registered == ("ec2", {"GetConsoleOutput"})
    return made


def test_a_machine_without_console_output_has_no_output_field(api: ConsoleApi) -> None:
    assert "Output" not in api.get("i-1", latest=True)


def test_the_output_is_the_last_64_kib(api: ConsoleApi, tmp_path: Path) -> None:
    (tmp_path / "i-1.log").write_bytes(b"first" + b"x" * LONGEST + b"login:")
    output = base64.b64decode(api.get("i-1", latest=True)["Output"])
    assert (len(output), output[-6:]) == (LONGEST, b"login:")


def test_an_unknown_instance_is_an_error(api: ConsoleApi) -> None:
    with pytest.raises(ApiError):
        api.get("i-2")
