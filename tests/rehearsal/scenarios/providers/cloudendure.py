"""The CloudEndure console in the world of the scenarios."""

from __future__ import annotations

from typing import Any

import requests

from rehearsal.job.aws import Aws
from rehearsal.settings import Settings
from tests.rehearsal.scenarios.scenario import Scenario

TIMEOUT_SECONDS = 30


class CloudEndureScenarios:
    """Implements ScenarioProvider."""

    post_launch_folder = "/boot/ce_conversion"

    def __init__(self, settings: Settings, aws: Aws) -> None:
        del aws
        self._url = f"{settings.console_url}/_rehearsal"

    def inject_fault(self, kind: str, **options: Any) -> None:
        """Inject a fault into the console."""
        requests.post(f"{self._url}/faults", json={"kind": kind, **options}, timeout=TIMEOUT_SECONDS).raise_for_status()

    def list_faults(self) -> list[dict[str, Any]]:
        return list(requests.get(f"{self._url}/faults", timeout=TIMEOUT_SECONDS).json()["faults"])

    def stop_scripts(self) -> None:
        self.inject_fault("no-scripts", times=0)

    def stop_copying(self) -> None:
        self.inject_fault("lag")

    def slow_down_launches(self, seconds: int) -> None:
        self.inject_fault("slow-job", seconds=seconds)

    def get_backlog_bytes(self) -> int:
        response = requests.get(f"{self._url}/replication", timeout=TIMEOUT_SECONDS)
        response.raise_for_status()
        return sum(int(machine["info"].get("backloggedStorageBytes") or 0) for machine in response.json()["machines"])

    def find_problems(self, scenario: Scenario, *, committed: bool, launching_runs: int) -> list[str]:
        """Return nothing: the console has no life cycle, and a replica is an instance, which the caller looks for."""
        del scenario, committed, launching_runs
        return []
