"""The table [cutover]: who starts the window, when it may begin, and how long it may be."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from settings.base import Model

EXAMPLE = '"2026-12-05T22:00:00+01:00"'


def _parse_moment(value: Any) -> datetime:
    """Return the moment of a text in ISO 8601, or of a date-time of TOML. Without an offset it would be another moment in each time zone."""
    expected = f"a date and time with its offset from UTC, such as {EXAMPLE}"
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            raise ValueError(expected) from None
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise ValueError(expected)
    return value


Moment = Annotated[datetime, BeforeValidator(_parse_moment)]


class MaintenanceWindow(Model):
    """When the freeze may begin: not before `from`, and not so late that the predicted window ends after `until`."""

    start: Annotated[Moment, Field(alias="from")]
    until: Moment

    @model_validator(mode="after")
    def _check_order(self) -> Self:
        if self.start >= self.until:
            raise ValueError("window.from to be before window.until")
        return self


class CutoverSettings(Model):
    """What must be true before the freeze, beside a site that is ready.

    `go`: with "manual" somebody starts the window with `cutover go`. `max_window_seconds`: a longer predicted window is not begun.
    `resume_minutes`: how long a run that failed before the freeze keeps its replica for the next one; 0: it removes it.
    """

    go: Literal["automatic", "manual"] = "automatic"
    window: MaintenanceWindow | None = None
    max_window_seconds: Annotated[int, Field(ge=1, le=2700)] | None = None
    resume_minutes: Annotated[int, Field(ge=0, le=1440)] = 60

    @property
    def has_gate(self) -> bool:
        """Return whether the run has the step that waits before the freeze."""
        return self.go == "manual" or self.window is not None or self.max_window_seconds is not None

    def to_gate(self) -> dict[str, str | float]:
        """Return what the functions need (`common.gate.Gate`), times in epoch seconds. Empty without a gate."""
        if not self.has_gate:
            return {}
        window = (
            {"opens_at": self.window.start.timestamp(), "closes_at": self.window.until.timestamp()}
            if self.window
            else {}
        )
        longest = {"max_window_seconds": self.max_window_seconds} if self.max_window_seconds else {}
        return {"go": self.go, **window, **longest}
