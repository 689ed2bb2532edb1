"""Run the real CDK CLI, and report the progress of CloudFormation and of the procedure meanwhile."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from rehearsal.job.assembly import Assembly

POLL_SECONDS = 1.0
# <stack> | <count> | <time> | CREATE_FAILED | <type> | <path> (<logical id>) <reason>
FAILED_EVENT = re.compile(
    r"^ *(?P<stack>\S+) \|.*\| (?:CREATE|UPDATE|DELETE)_FAILED +\|[^|]*\|[^(\n]*\(\w+\) (?P<reason>.+)$", re.MULTILINE
)


class DeployFailed(Exception):
    """`cdk deploy` ended with an error. The message is CloudFormation's reason, or the end of the CLI's output."""


@dataclass(frozen=True)
class Cdk:
    """The CDK CLI of node_modules, in the environment of the rehearsal. Output goes to `log` whole."""

    root: Path
    environment: Mapping[str, str]
    log: Path
    assembly: Assembly
    _clients: dict[str, Any] = field(default_factory=dict, init=False)
    """the clients of the thread that watches a deploy, by service"""
    _pool: ThreadPoolExecutor = field(default_factory=partial(ThreadPoolExecutor, 1), init=False)
    _begun: list[Future[None]] = field(default_factory=list, init=False)
    """the synthesis that runs on a thread of its own"""

    def deploy(self, stack: str, detail: Callable[[str], None]) -> dict[str, str]:
        """Deploy a stack and return its outputs. Raises DeployFailed with the reason that the failed resource's event gives."""
        outputs = self.log.with_name(f"{stack}-outputs.json")
        self._await_synthesis()
        with self._use_assembly() as options:
            self._run(
                *options,
                "deploy",
                stack,
                "--require-approval",
                "never",
                "--progress",
                "events",
                "--outputs-file",
                str(outputs),
                detail=detail,
            )
        found: dict[str, dict[str, str]] = json.loads(outputs.read_text())
        return found.get(stack, {})

    def begin_synthesis(self) -> None:
        """Begin to synthesize the app on a thread of its own. The next call waits for its end, and raises its error."""
        self._begun.append(self._pool.submit(self._synthesize))

    def synthesize(self) -> None:
        """Synthesize the app, unless nothing has changed. Raises DeployFailed with the app's own error."""
        self._await_synthesis()
        self._synthesize()

    def _synthesize(self) -> None:
        if not self.assembly.is_current():
            with self._use_assembly() as options:
                self._run("synth", "--quiet", *options, detail=None)

    def destroy(self, stack: str) -> None:
        """Destroy a stack. Raises DeployFailed like `deploy`."""
        self._await_synthesis()
        with self._use_assembly() as options:
            self._run(*options, "destroy", stack, "--force", "--progress", "events", detail=None)

    def _await_synthesis(self) -> None:
        while self._begun:
            self._begun.pop().result()

    @contextmanager
    def _use_assembly(self) -> Iterator[tuple[str, str]]:
        """Provide the options that name the assembly. When something changed, the CLI synthesizes it before its own work."""
        if self.assembly.is_current():
            yield "--app", str(self.assembly.folder)
            return
        fingerprint = self.assembly.compute_fingerprint()
        shutil.rmtree(self.assembly.folder, ignore_errors=True)
        try:
            yield "--output", str(self.assembly.folder)
        finally:
            self.assembly.set_current(fingerprint)  # a deploy may fail after the synthesis

    def _run(self, *arguments: str, detail: Callable[[str], None] | None) -> None:
        stop = threading.Event()
        watcher = threading.Thread(target=self._watch, args=(detail, stop), daemon=True) if detail else None
        with self.log.open("ab") as log:
            began = log.tell()
            if watcher:
                watcher.start()
            try:
                done = subprocess.run(
                    [str(self.root / "node_modules/.bin/cdk"), *arguments],
                    cwd=self.root,
                    env=dict(self.environment),
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    stdin=subprocess.DEVNULL,
                    check=False,
                )
            finally:
                stop.set()
        if watcher:
            watcher.join()
        if done.returncode:
            raise DeployFailed(self._find_reason(began))

    def _get_client(self, service: str) -> Any:
        if service not in self._clients:
            self._clients[service] = boto3.client(
                service,  # type: ignore[call-overload]
                endpoint_url=self.environment["AWS_ENDPOINT_URL"],
                region_name=self.environment["AWS_REGION"],
                aws_access_key_id=self.environment["AWS_ACCESS_KEY_ID"],
                aws_secret_access_key=self.environment["AWS_SECRET_ACCESS_KEY"],
            )
        return self._clients[service]

    def _watch(self, detail: Callable[[str], None], stop: threading.Event) -> None:
        while not stop.wait(POLL_SECONDS):
            try:
                detail(self._describe_work())
            except (BotoCoreError, ClientError) as error:
                detail(f"the local AWS does not respond: {error}")

    def _describe_work(self) -> str:
        """Return the step of a running procedure, else the resources in work."""
        machines = self._get_client("stepfunctions")
        for machine in machines.list_state_machines()["stateMachines"]:
            running = machines.list_executions(stateMachineArn=machine["stateMachineArn"], statusFilter="RUNNING")[
                "executions"
            ]
            if running and "Waiter" not in machine["name"] and "waiter" not in machine["name"]:
                events = machines.get_execution_history(
                    executionArn=running[0]["executionArn"], reverseOrder=True, maxResults=50
                )["events"]
                entered = [
                    event["stateEnteredEventDetails"]["name"] for event in events if "stateEnteredEventDetails" in event
                ]
                if entered:
                    return f"{machine['name'].split('-')[0]}: {entered[0]}"
        formation = self._get_client("cloudformation")
        for stack in formation.describe_stacks()["Stacks"]:
            if stack["StackStatus"].endswith("_IN_PROGRESS"):
                pages = formation.get_paginator("describe_stack_events").paginate(StackName=stack["StackName"])
                events = [event for page in pages for event in page["StackEvents"]]
                latest = {
                    one["LogicalResourceId"]: one
                    for one in reversed(events)
                    if one["LogicalResourceId"] != stack["StackName"]
                }
                working = [name for name, one in latest.items() if one["ResourceStatus"].endswith("_IN_PROGRESS")]
                return f"{stack['StackName']}: {', '.join(working[-2:]) or 'starting'} ({len(latest) - len(working)} ready)"
        return "the CDK works"

    def _find_reason(self, began: int) -> str:
        """Return CloudFormation's message about the first failed resource, as the CLI printed it; without one the last lines of the CLI."""
        with self.log.open("rb") as log:
            log.seek(began)
            text = log.read().decode(errors="replace")
        failed = FAILED_EVENT.search(text)
        return f"{failed['stack']}: {failed['reason']}" if failed else "\n".join(text.splitlines()[-15:])
