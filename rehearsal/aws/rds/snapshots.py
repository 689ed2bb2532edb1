"""Take and keep manual snapshots of database instances. Each is a copy of the instance's disk at one point in time."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

from rehearsal.aws.rds import exceptions
from rehearsal.aws.rds.databases import Databases, check_identifier
from rehearsal.aws.rds.models import Database, Snapshot, is_set
from rehearsal.aws.rds.servers import Servers

Tags = Sequence[Mapping[str, str]]


class Snapshots:
    """Thread-safe. `folder` lies on the pool. A snapshot stays when its instance goes."""

    def __init__(self, databases: Databases, servers: Servers, folder: Path) -> None:
        self._databases, self._servers, self._folder = databases, servers, folder
        self._found: dict[str, Snapshot] = {}
        self._lock = threading.Lock()

    def list_all(self) -> list[Snapshot]:
        """Return every snapshot, in the order of their creation."""
        return list(self._found.values())

    def get(self, identifier: str) -> Snapshot:
        """Return a snapshot by its identifier or ARN. Raises ApiError when there is none."""
        name = identifier.rpartition(":")[2].lower()
        if name not in self._found:
            raise exceptions.snapshot_not_found(identifier)
        return self._found[name]

    def get_available(self, identifier: str) -> Snapshot:
        """Return a snapshot that is complete. Raises ApiError."""
        snapshot = self.get(identifier)
        if snapshot.status != "available":
            raise exceptions.snapshot_in_state(snapshot.id, snapshot.status)
        return snapshot

    def take(self, database: Database, identifier: str, tags: Tags = ()) -> Snapshot:
        """Begin to take a snapshot. The instance is `backing-up` until then. Raises ApiError."""
        snapshot = self.reserve(database, identifier, tags)
        self._databases.begin(database, "backing-up", lambda: self.fill(snapshot, database))
        return snapshot

    def reserve(self, database: Database, identifier: str, tags: Tags = ()) -> Snapshot:
        """Return the record of a new snapshot, which `fill` completes. Raises ApiError when the identifier is in use."""
        name = check_identifier("DBSnapshotIdentifier", identifier)
        inherited = database.properties.get("Tags") or () if is_set(database.properties, "CopyTagsToSnapshot") else ()
        with self._lock:
            if name in self._found:
                raise exceptions.snapshot_exists(name)
            self._found[name] = Snapshot(
                name,
                database.id,
                database.resource,
                dict(database.properties),
                database.port,
                database.endpoint.zone,
                database.endpoint.vpc_id,
                self._folder / f"{name}.raw",
                database.created,
                merge_tags(inherited, tags),
            )
        return self._found[name]

    def fill(self, snapshot: Snapshot, database: Database) -> None:
        """Copy the disk. Raises RehearsalError; the snapshot has failed then."""
        try:
            self._servers.take_snapshot(database, snapshot.disk)
        except BaseException:
            snapshot.status = "failed"
            raise
        snapshot.status = "available"

    def delete(self, snapshot: Snapshot) -> None:
        """Remove a snapshot and its disk."""
        with self._lock:
            self._found.pop(snapshot.id, None)
        snapshot.disk.unlink(missing_ok=True)


def merge_tags(inherited: Tags, own: Tags) -> tuple[Mapping[str, str], ...]:
    """Return the tags that somebody may set: those of CloudFormation (aws:…) are not copied."""
    merged = {one["Key"]: one["Value"] for one in (*inherited, *own) if not one["Key"].startswith("aws:")}
    return tuple({"Key": key, "Value": value} for key, value in merged.items())
