"""Read the environment variables that the services of the engine have in common."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, cast, get_args

from rehearsal.errors import RehearsalError

Latency = Literal["zero", "published"]
SYNC_SECONDS = 5.0
"""Between two looks at a source's disk; a look at an unchanged disk costs a few system calls."""


def read_latency(environ: Mapping[str, str]) -> Latency:
    """Return REHEARSAL_LATENCY: whether the services take their published times. Raises RehearsalError."""
    latency = environ.get("REHEARSAL_LATENCY", "zero")
    if latency not in get_args(Latency):
        raise RehearsalError(f"REHEARSAL_LATENCY is {latency!r}: give zero or published.")
    return cast(Latency, latency)


def read_sync_seconds(environ: Mapping[str, str]) -> float:
    """Return REHEARSAL_SYNC_SECONDS. Raises RehearsalError."""
    return read_seconds(environ, "REHEARSAL_SYNC_SECONDS", SYNC_SECONDS)


def read_seconds(environ: Mapping[str, str], name: str, default: float) -> float:
    """Return a number of seconds above 0. Raises RehearsalError that names the variable."""
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
