"""What the scenarios need to know about a provider."""

from __future__ import annotations

from typing import Any, Protocol

from tests.rehearsal.scenarios.scenario import Scenario


class ScenarioProvider(Protocol):
    """One replication service in the world of the scenarios."""

    post_launch_folder: str
    """on the source: a replica runs its executables in the order of their names"""

    def list_faults(self) -> list[dict[str, Any]]:
        """Return the injected faults that the service keeps itself, besides those of the local AWS."""

    def stop_scripts(self) -> None:
        """Let every replica boot without running its post-launch scripts."""

    def stop_copying(self) -> None:
        """Let the service receive no changed blocks."""

    def slow_down_launches(self, seconds: int) -> None:
        """Let the next launch take so much longer."""

    def get_backlog_bytes(self) -> int:
        """Return the bytes of the source's disk that the service has not copied yet."""

    def find_problems(self, scenario: Scenario, *, committed: bool, launching_runs: int) -> list[str]:
        """Return one sentence for each thing that a run left wrong at the service.

        `launching_runs`: the number of runs of this world that came to a launch.
        """
