"""The configuration of one console. The process parses it once, when it starts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast, get_args

from rehearsal.errors import RehearsalError
from rehearsal.settings import Settings

Latency = Literal["zero", "published"]


@dataclass(frozen=True)
class ConsoleSettings:
    """All durations in seconds."""

    world: Settings
    latency: Latency = "zero"
    session_lifetime: float = 3600.0
    """After this time a session gets 401. The published one does this after about 60 minutes."""
    sync_interval: float = 5.0
    """Between two looks at a source's disk; a look at an unchanged disk costs a few system calls."""
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
        """REHEARSAL_LATENCY (zero, published), REHEARSAL_SESSION_SECONDS, REHEARSAL_SYNC_SECONDS, and those of the world."""
        latency = environ.get("REHEARSAL_LATENCY", "zero")
        if latency not in get_args(Latency):
            raise RehearsalError(f"REHEARSAL_LATENCY is {latency!r}: give zero or published.")
        return cls(
            world=Settings.load(environ),
            latency=cast(Latency, latency),
            session_lifetime=_seconds(environ, "REHEARSAL_SESSION_SECONDS", cls.session_lifetime),
            sync_interval=_seconds(environ, "REHEARSAL_SYNC_SECONDS", cls.sync_interval),
        )

    @property
    def folder(self) -> Path:
        """The console's own state: credentials, accounts, machines, jobs."""
        return self.world.home / "cloudendure"

    @property
    def replicas(self) -> Path:
        """Replicated disks; on the pool, so that a point in time is a reflink."""
        return self.world.pool / "replicas"


def _seconds(environ: Mapping[str, str], name: str, default: float) -> float:
    text = environ.get(name)
    if text is None:
        return default
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if seconds <= 0:
        raise RehearsalError(f"{name} is {text!r}: give a number of seconds above 0.")
    return seconds
