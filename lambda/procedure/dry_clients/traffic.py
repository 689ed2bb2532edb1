"""The traffic to the target in a dry run: ingress rules and public names."""

from __future__ import annotations

from collections.abc import Iterable

from common.clients.dns import PublicName

from procedure.dry_clients.results import DRY, LogChange


class DryIngress:
    def __init__(self, group: str, log_change: LogChange) -> None:
        self._group, self._log_change = group, log_change

    def allow(self, cidrs: Iterable[str], ports: Iterable[int], *, note: str) -> None:
        self._log_change(f"admit {', '.join(cidrs)} to ports {list(ports)} of {self._group}: {note}")

    def revoke_all(self) -> int:
        self._log_change(f"remove every rule of {self._group}")
        return 0

    def probe(self, port: int) -> None:
        self._log_change(f"try the permission to change {self._group} (port {port})")


class DryName:
    def __init__(self, real: PublicName, log_change: LogChange) -> None:
        self._log_change, self.list_record_sets, self.check_zone = log_change, real.list_record_sets, real.check_zone

    def point_name(self, name: str, *, load_balancer_dns: str, load_balancer_zone_id: str) -> None:  # noqa: ARG002
        self._log_change(f"point {name} to {load_balancer_dns}")

    def probe(self, name: str, *, load_balancer_dns: str = "", load_balancer_zone_id: str = "") -> str:  # noqa: ARG002
        self._log_change(f"try the permission to change {name}")
        return DRY
