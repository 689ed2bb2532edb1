"""The configuration of one console. The process parses it once, when it starts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from rehearsal.replication_engine.environment import (
    SYNC_SECONDS,
    Latency,
    read_latency,
    read_seconds,
    read_sync_seconds,
)
from rehearsal.settings import Settings


@dataclass(frozen=True)
class ConsoleSettings:
    """All durations in seconds."""

    world: Settings
    latency: Latency = "zero"
    session_lifetime: float = 3600.0
    """After this time a session gets 401. The published one does this after about 60 minutes."""
    sync_interval: float = SYNC_SECONDS
    heartbeat: float = 5.0
    agent_timeout: float = 30.0
    """Without a heartbeat for so long the agent counts as disconnected: replication stalls."""
    boot_timeout: float = 180.0
    """A launched machine must have reported by then."""
    failed_logins: int = 10
    """The number of failed logins of one user within `failed_login_window` that get their normal response; the next ones get 429."""
    failed_login_window: float = 300.0

    @classmethod
    def load(cls, environ: Mapping[str, str]) -> ConsoleSettings:
        """Read REHEARSAL_LATENCY (zero, published), REHEARSAL_SESSION_SECONDS, REHEARSAL_SYNC_SECONDS, and those of the world."""
        return cls(
            world=Settings.load(environ),
            latency=read_latency(environ),
            session_lifetime=read_seconds(environ, "REHEARSAL_SESSION_SECONDS", cls.session_lifetime),
            sync_interval=read_sync_seconds(environ),
        )

    @property
    def folder(self) -> Path:
        """The console's own state: credentials, accounts, machines, jobs."""
        return self.world.home / "cloudendure"

    @property
    def replicas(self) -> Path:
        """Return the folder of the replicated disks. It is on the pool, so that a point in time is a reflink."""
        return self.world.pool / "replicas"
