"""Define the table [limits]."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from settings.base import Model

Seconds = Annotated[int, Field(ge=1, le=43200)]


class Limits(Model):
    """The limits of the procedure, in seconds (`freeze_attempts` is a number). The procedure rolls a run back when a wait exceeds its limit.

    A limit that is left out has the procedure's own default.
    """

    replication_wait: Seconds | None = None
    launch: Seconds | None = None
    report: Seconds | None = None
    image: Seconds | None = None
    bulk: Seconds | None = None
    verify: Seconds | None = None
    stop_writes: Seconds | None = None
    freeze_attempt: Seconds | None = None
    freeze_attempts: Seconds | None = None
    freeze_hold: Annotated[int, Field(ge=1, le=60)] | None = None
    freeze: Seconds | None = None
    drain: Seconds | None = None
    delta: Seconds | None = None
    activate: Seconds | None = None
    accept: Seconds | None = None
    command: Seconds | None = None
    public_names: Seconds | None = None
    hooks: Seconds | None = None
    go: Annotated[int, Field(ge=1, le=2700)] | None = None
    cleanup: Seconds | None = None
    lock_lease: Seconds | None = None
    freeze_lease: Seconds | None = None
    commit_margin: Seconds | None = None
    replication_lag: Seconds | None = None
    consistency_age: Seconds | None = None
