"""The deployed site from the view of its user and of its operator."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from rehearsal.aws.clients import Clients
from rehearsal.settings import Settings
from rehearsal.world import CLIENT
from tests.waiting import wait_until

TIMEOUT_SECONDS = 60.0


@dataclass
class Site:
    settings: Settings
    outputs: Mapping[str, str]

    def __post_init__(self) -> None:
        self.api = Clients(self.settings)

    def browse(self, url: str) -> tuple[int, str]:
        """Send a request from the internet. Return status and body; the status is 0 without a response."""
        command = [
            "ip",
            "netns",
            "exec",
            self.settings.name_namespace(CLIENT),
            "curl",
            "-s",
            "-m",
            "5",
            "-w",
            "\n%{http_code}",
            url,
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        body, _, status = done.stdout.rpartition("\n")
        return int(status), body.strip()

    def run(self, instance: str, command: str, *, seconds: int = 60) -> Mapping[str, Any]:
        """Run a command with Run Command and return its finished invocation."""
        ssm = self.api("ssm")
        sent = ssm.send_command(
            InstanceIds=[instance],
            DocumentName="AWS-RunShellScript",
            Parameters={"commands": [command], "executionTimeout": [str(seconds)]},
        )["Command"]["CommandId"]
        found: dict[str, Any] = {}

        def is_ended() -> bool:
            found.update(ssm.get_command_invocation(CommandId=sent, InstanceId=instance))
            return found["Status"] not in ("Pending", "InProgress", "Cancelling")

        wait_for(is_ended, seconds + 30)
        return found

    def read_output(self, instance: str, command: str) -> str:
        """Run a command that must succeed and return its output."""
        done = self.run(instance, command)
        assert done["Status"] == "Success", done
        return str(done["StandardOutputContent"]).strip()

    def group(self) -> Mapping[str, Any]:
        """Return the auto scaling group."""
        name = self.outputs["GroupName"]
        found = self.api("autoscaling").describe_auto_scaling_groups(AutoScalingGroupNames=[name])
        return dict(found["AutoScalingGroups"][0])

    def read_health(self) -> dict[str, str]:
        """Return the health of each target of the group, as the load balancer reports it."""
        arn = self.group()["TargetGroupARNs"][0]
        found = self.api("elbv2").describe_target_health(TargetGroupArn=arn)["TargetHealthDescriptions"]
        return {one["Target"]["Id"]: one["TargetHealth"]["State"] for one in found}

    def is_healthy(self) -> bool:
        members = {member["InstanceId"] for member in self.group()["Instances"]}
        return self.read_health() == dict.fromkeys(members, "healthy") and len(members) == 2


def wait_for(condition: Callable[[], bool], seconds: float = TIMEOUT_SECONDS) -> None:
    wait_until(condition, seconds=seconds, interval_seconds=0.1)
