"""Handle the actions of Systems Manager about commands."""

from __future__ import annotations

import uuid
from typing import Any

from rehearsal.aws.ec2.images import UBUNTU_AMI, UBUNTU_PARAMETER
from rehearsal.aws.exceptions import NotEmulated
from rehearsal.aws.paging import cut_page
from rehearsal.aws.registry import Registry
from rehearsal.aws.ssm import exceptions
from rehearsal.aws.ssm.filters import is_match
from rehearsal.aws.ssm.models import Command
from rehearsal.aws.ssm.nodes import ManagedNodes
from rehearsal.aws.ssm.responses.commands import PLUGIN, format_command, format_invocation, format_invocation_result
from rehearsal.aws.ssm.runner import Runner
from rehearsal.settings import Settings

SHELL_SCRIPT = "AWS-RunShellScript"
_PARAMETERS = {"commands", "workingDirectory", "executionTimeout"}
_PASSES = [
    "AddTagsToResource",
    "DeleteParameter",
    "DeleteParameters",
    "DescribeParameters",
    "GetParameter",
    "GetParameterHistory",
    "GetParameters",
    "GetParametersByPath",
    "LabelParameterVersion",
    "ListTagsForResource",
    "PutParameter",
    "RemoveTagsFromResource",
]


class CommandApi:
    """Run Command. ministack handles the actions on parameters."""

    def __init__(self, registry: Registry, settings: Settings, nodes: ManagedNodes) -> None:
        self._nodes = nodes
        self._commands: dict[str, Command] = {}
        self._runner = Runner(settings, nodes)
        public = registry.get_records("ssm", "PUBLIC_AMI_PARAMETERS")
        assert isinstance(public, dict)
        public.clear()
        public[UBUNTU_PARAMETER] = UBUNTU_AMI
        registry.register_actions(
            "ssm",
            {
                "SendCommand": self.send,
                "GetCommandInvocation": self.get_invocation,
                "ListCommands": self.list_commands,
                "ListCommandInvocations": self.list_invocations,
                "CancelCommand": self.cancel,
            },
            passes=_PASSES,
        )

    def send(
        self,
        document_name: str,
        instance_ids: list[str] | None = None,
        targets: list[dict[str, Any]] | None = None,
        parameters: dict[str, list[str]] | None = None,
        comment: str = "",
        timeout_seconds: int = 3600,
        document_version: str = "$DEFAULT",  # noqa: ARG002
        max_concurrency: str = "50",  # noqa: ARG002  all of them at once
        max_errors: str = "0",  # noqa: ARG002
    ) -> dict[str, Any]:
        """Start a command on machines that are online."""
        if document_name != SHELL_SCRIPT:
            raise NotEmulated(f"the document {document_name}")
        if timeout_seconds < 30:
            raise exceptions.timeout_too_short()
        given = parameters or {}
        if unknown := given.keys() - _PARAMETERS:
            raise exceptions.unknown_parameter(SHELL_SCRIPT, min(unknown))
        if not given.get("commands"):
            raise exceptions.missing_commands(SHELL_SCRIPT)
        wanted = instance_ids or self._list_targets(targets or [])
        missing = [one for one in wanted if not self._nodes.find_online(one)]
        if missing or (instance_ids is None and targets is None):
            raise exceptions.invalid_instances(missing)
        command = Command(str(uuid.uuid4()), document_name, comment, given, timeout_seconds)
        self._commands[command.id] = command
        for one in wanted:
            self._runner.begin(command, one)
        return {"Command": format_command(command)}

    def get_invocation(self, command_id: str, instance_id: str, plugin_name: str = PLUGIN) -> dict[str, Any]:
        """Return one invocation with its output."""
        command = self._commands.get(command_id)
        invocation = command.invocations.get(instance_id) if command else None
        if command is None or invocation is None or plugin_name not in (PLUGIN, "runShellScript"):
            raise exceptions.invocation_not_found(command_id, instance_id)
        return format_invocation_result(command, invocation)

    def list_commands(
        self,
        command_id: str | None = None,
        instance_id: str | None = None,
        max_results: int | None = None,
        next_token: str | None = None,
    ) -> dict[str, Any]:
        """Return the commands, the latest first."""
        found = [c for c in reversed(self._commands.values()) if command_id in (None, c.id)]
        found = [command for command in found if instance_id is None or instance_id in command.invocations]
        shown, token = cut_page(found, next_token, max_results)
        return {"Commands": [format_command(command) for command in shown], "NextToken": token}

    def list_invocations(
        self,
        command_id: str | None = None,
        instance_id: str | None = None,
        details: bool = False,
        max_results: int | None = None,
        next_token: str | None = None,
    ) -> dict[str, Any]:
        """Return the invocations, the latest first."""
        found = [
            (command, invocation)
            for command in reversed(self._commands.values())
            for invocation in command.invocations.values()
            if command_id in (None, command.id) and instance_id in (None, invocation.instance_id)
        ]
        shown, token = cut_page(found, next_token, max_results)
        return {"CommandInvocations": [format_invocation(*one, details=details) for one in shown], "NextToken": token}

    def cancel(self, command_id: str, instance_ids: list[str] | None = None) -> None:
        """End the invocations of a command that still run."""
        if command_id not in self._commands:
            raise exceptions.command_not_found(command_id)
        for invocation in self._commands[command_id].invocations.values():
            if not instance_ids or invocation.instance_id in instance_ids:
                self._runner.cancel(invocation)

    def _list_targets(self, targets: list[dict[str, Any]]) -> list[str]:
        found = [node for node in self._nodes.list_all() if node.online]
        for target in targets:
            found = [node for node in found if is_match(node, target["Key"], target["Values"])]
        return [node.id for node in found]
