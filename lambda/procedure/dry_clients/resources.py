"""Parameters, images and the replication task in a dry run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from common.clients.compute import Compute, Image, InstanceStatus
from common.clients.dms import DatabaseReplication, Task
from common.clients.parameters import Parameters

from procedure.dry_clients.results import DRY, LogChange


class DryParameters:
    def __init__(self, real: Parameters, log_change: LogChange) -> None:
        self._log_change = log_change
        self.read_replication, self.read_target, self.read_mode = (
            real.read_replication,
            real.read_target,
            real.read_mode,
        )

    def set_mode(self, mode: str) -> None:
        self._log_change(f"set the target's mode to {mode}")


class DryCompute:
    def __init__(self, real: Compute, log_change: LogChange) -> None:
        self._real, self._log_change = real, log_change
        self.find_instance, self.list_outbound_addresses, self.find_image_by_name = (
            real.find_instance,
            real.list_outbound_addresses,
            real.find_image_by_name,
        )

    def find_instance_status(self, instance_id: str) -> InstanceStatus | None:
        return None if instance_id == DRY else self._real.find_instance_status(instance_id)

    def find_image(self, image_id: str) -> Image | None:
        return (
            Image(image_id=DRY, state="available", reason="", snapshots=())
            if image_id == DRY
            else self._real.find_image(image_id)
        )

    def delete_image(self, image: Image) -> None:
        self._log_change(f"delete image {image.image_id}")


class DryDatabase:
    def __init__(self, real: DatabaseReplication, log_change: LogChange) -> None:
        self._real, self._log_change, self._stopped = real, log_change, False
        self.list_tables, self.read_lag = real.list_tables, real.read_lag

    def read_task(self) -> Task:
        return replace(self._real.read_task(), status="stopped") if self._stopped else self._real.read_task()

    def start(self, how: str) -> None:
        self._log_change(f"start the replication task ({how})")

    def reload(self, tables: Sequence[tuple[str, str]]) -> None:
        self._log_change(f"reload {', '.join('.'.join(name) for name in tables)}")

    def stop(self) -> None:
        self._log_change("stop the replication task")
        self._stopped = True
