"""Define the table [limits]."""

from __future__ import annotations

from typing import Annotated, Self

from common.settings import Limits as DefaultLimits
from pydantic import Field, model_validator

from settings.base import Model
from settings.errors import UnexpectedValueError
from settings.limit_relations import find_broken_relation

Seconds = Annotated[int, Field(ge=1, le=43200)]
SHORTEST_LOCK_LEASE_SECONDS = 120
"""Each invocation of a step renews the lock. One takes up to 75 s; the next follows after a poll interval or a retry interval, 20 s at most."""


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
    lock_lease: Annotated[int, Field(ge=SHORTEST_LOCK_LEASE_SECONDS, le=43200)] | None = None
    freeze_lease: Seconds | None = None
    commit_margin: Seconds | None = None
    replication_lag: Seconds | None = None
    consistency_age: Seconds | None = None

    @model_validator(mode="after")
    def _check_relations(self) -> Self:
        given = self.model_dump(exclude_none=True)
        limits = DefaultLimits(**given)
        if broken := find_broken_relation(limits):
            # A relation of defaults is met, so one of its limits is in the file: the message has its line.
            raise UnexpectedValueError(broken.expected(limits), next(key for key in broken.keys if key in given))
        return self
