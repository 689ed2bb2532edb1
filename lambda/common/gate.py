"""The gate before the freeze: what must be true before the window begins, beside a site that is ready."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Final, Self

AUTOMATIC: Final = "automatic"
MANUAL: Final = "manual"


@dataclass(frozen=True, kw_only=True)
class Gate:
    """The table [cutover] of migration.toml. Times in epoch seconds, 0 for none."""

    go: str = AUTOMATIC
    """MANUAL: somebody must give the go"""
    opens_at: float = 0.0
    closes_at: float = 0.0
    """the maintenance window: the freeze begins in it, and the predicted window ends in it"""
    max_window_seconds: float = 0.0
    """a longer predicted window is not begun"""

    @property
    def is_set(self) -> bool:
        """Return whether the table requires anything. Then the run has the step `await-go`."""
        return self != Gate()

    @property
    def is_manual(self) -> bool:
        """Return whether somebody must give the go."""
        return self.go == MANUAL

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> Self:
        """Return the gate. ValueError names an unknown key or a wrong value."""
        if unknown := sorted(set(raw) - {field.name for field in fields(cls)}):
            raise ValueError(f"has unknown keys: {', '.join(unknown)}")
        if raw.get("go", AUTOMATIC) not in (AUTOMATIC, MANUAL):
            raise ValueError(f"go must be {AUTOMATIC} or {MANUAL}, not {raw['go']!r}")
        numbers = {key: float(value) for key, value in raw.items() if key != "go"}
        return cls(go=str(raw.get("go", AUTOMATIC)), **numbers)
