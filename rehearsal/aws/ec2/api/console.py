"""Handle GetConsoleOutput of EC2: what a machine wrote to its console, which is all that is left of one that does not respond.

https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_GetConsoleOutput.html
"""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rehearsal.aws.ec2.instances import Instances
from rehearsal.aws.registry import Registry

LONGEST = 64 * 1024
"""bytes that EC2 keeps"""


class ConsoleApi:
    """`folder` holds a log for each machine. Every instance behaves as one on Nitro: it shows what it wrote until now."""

    def __init__(self, registry: Registry, instances: Instances, folder: Path) -> None:
        self._instances, self._folder = instances, folder
        registry.register_actions("ec2", {"GetConsoleOutput": self.get})

    def get(self, instance_id: str, latest: bool = False) -> dict[str, Any]:  # noqa: ARG002
        """Return the end of the console log, in base64."""
        self._instances.get(instance_id)
        path = self._folder / f"{instance_id}.log"
        try:
            with path.open("rb") as log:
                log.seek(max(0, path.stat().st_size - LONGEST))
                text = log.read()
        except FileNotFoundError:
            return {"InstanceId": instance_id, "Timestamp": datetime.now(UTC)}
        written = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        return {"InstanceId": instance_id, "Timestamp": written, "Output": base64.b64encode(text).decode()}
