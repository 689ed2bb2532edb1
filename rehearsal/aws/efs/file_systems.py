"""Make file systems and mount targets of the API true.

A machine's mount helper first resolves the name of the file system, then connects to port 2049 of its address, and only
then binds the folder. So a missing mount target or a missing rule shows as it does on AWS.
"""

from __future__ import annotations

import re
import shutil
import threading
from collections.abc import Callable, Mapping, MutableMapping
from pathlib import Path
from typing import Any, Protocol, cast

from rehearsal.aws.efs.port import ListeningPort
from rehearsal.aws.network.endpoints import Endpoint, Endpoints
from rehearsal.aws.registry import Registry
from rehearsal.settings import REGION

_NAME = re.compile(rf"(?P<id>fs-[0-9a-f]+)\.efs\.{REGION}\.amazonaws\.com")
NFS = 2049


class Place(Protocol):
    """The world in which mount targets get their addresses."""

    def attach(self, name: str, ip: str) -> str:
        """Make a namespace with this address; return its name."""

    def detach(self, name: str) -> None:
        """Remove the namespace."""


class FileSystems:
    """The file systems. ministack handles the API and keeps the records; `apply` applies them. Thread-safe."""

    def __init__(
        self,
        registry: Registry,
        *,
        endpoints: Endpoints,
        place: Place,
        apply_firewall: Callable[[], None],
        folder: Path,
    ) -> None:
        self._endpoints, self._place, self._apply_firewall, self._folder = endpoints, place, apply_firewall, folder
        self._file_systems = registry.get_records("efs", "file_systems")
        self._targets = cast("MutableMapping[str, dict[str, Any]]", registry.get_records("efs", "mount_targets"))
        self._open: dict[str, tuple[Endpoint, ListeningPort]] = {}
        self._made: set[str] = set()
        self._lock = threading.RLock()
        registry.register_actions("efs", {}, changed=lambda _: self.apply())
        registry.wrap_type("AWS::EFS::FileSystem", after=lambda *_: self._apply_records(), gone=lambda _: self.apply())
        registry.wrap_type("AWS::EFS::MountTarget", after=self._mount_target, gone=lambda _: self.apply())

    def apply(self) -> None:
        """Update folders and mount targets to the records. Return when they are up to date."""
        with self._lock:
            self._apply_folders()
            changed = self._open.keys() != self._targets.keys()
            for target in self._open.keys() - self._targets.keys():
                self._close(target)
            for target, record in list(self._targets.items()):
                if target not in self._open:
                    self._listen(target, record)
                endpoint, groups = self._open[target][0], tuple(record.get("SecurityGroups") or ())
                if groups and endpoint.groups != groups:
                    endpoint.groups, changed = groups, True
            if changed:
                self._apply_firewall()

    def locate(self, identifier: str) -> Path | None:
        """Return the folder of a file system, whose root it is; None when there is no such file system."""
        with self._lock:
            self._apply_folders()
            return self._folder / identifier if identifier in self._file_systems else None

    def find_addresses(self, name: str, asker: str) -> list[str] | None:
        """Return the addresses of a file system's name for an endpoint: the mount target of the endpoint's own zone.

        Empty when that zone has none, as on AWS. None: not the name of a file system.
        """
        found = _NAME.fullmatch(name)
        if not found or found["id"] not in self._file_systems:
            return None
        here = self._endpoints.get(asker)
        with self._lock:
            ends = [
                endpoint
                for target, (endpoint, _) in self._open.items()
                if self._targets.get(target, {}).get("FileSystemId") == found["id"]
            ]
        return [end.ip for end in ends if here and (end.vpc_id, end.zone) == (here.vpc_id, here.zone)]

    def close(self) -> None:
        """Close every mount target."""
        with self._lock:
            for target in list(self._open):
                self._close(target)

    def _apply_records(self) -> Mapping[str, Any]:
        self.apply()
        return {}

    def _mount_target(self, identifier: str, _: Mapping[str, Any]) -> Mapping[str, Any]:
        self.apply()
        return {"IpAddress": self._targets[identifier]["IpAddress"]}

    def _apply_folders(self) -> None:
        """Create the folders of new file systems and remove those of deleted ones. A folder belongs to root, as the root of a new file system does."""
        wanted = set(self._file_systems)
        for identifier in wanted - self._made:
            (self._folder / identifier).mkdir(mode=0o755, exist_ok=True)
        for identifier in self._made - wanted:
            shutil.rmtree(self._folder / identifier)
        self._made = wanted

    def _listen(self, target: str, record: dict[str, Any]) -> None:
        endpoint = self._endpoints.add(
            target, subnet_id=record["SubnetId"], groups=record.get("SecurityGroups") or (), public=False
        )
        namespace = self._place.attach(target, endpoint.ip)
        record["IpAddress"] = endpoint.ip
        self._open[target] = (endpoint, ListeningPort(namespace, NFS))

    def _close(self, target: str) -> None:
        endpoint, port = self._open.pop(target)
        port.close()
        self._place.detach(endpoint.name)
        self._endpoints.remove(endpoint.name)
