"""What a run is."""

from dataclasses import dataclass, field
from typing import Any, Literal

Kind = Literal["test-launch", "cutover"]
Launch = Literal["TEST", "CUTOVER"]
DRY_RUN = "dry-run"
"""ends the key of the run record's item that dry runs have for their own: `<site>#dry-run`"""


@dataclass(frozen=True, kw_only=True)
class Run:
    """One execution of a state machine. Parsed from the execution's input, the same in all its steps."""

    run_id: str
    kind: Kind
    cutover_id: str
    dry_run: bool = False
    deadline: float = 0.0
    """no commit after this moment (epoch), 0 for none: who started the run will have given up on it"""
    target: dict[str, Any] = field(default_factory=dict)
    """facts about the target site that the parameter cannot hold yet when the stack is created; they win over the parameter"""

    @property
    def launch(self) -> Launch:
        return "TEST" if self.kind == "test-launch" else "CUTOVER"

    @classmethod
    def parse(cls, raw: dict[str, Any]) -> "Run":
        kind = raw["kind"]
        if kind not in ("test-launch", "cutover"):
            raise ValueError(f"unknown kind of run: {kind!r}")
        return cls(
            run_id=str(raw["run_id"]),
            kind=kind,
            cutover_id=str(raw["cutover_id"]),
            dry_run=bool(raw.get("dry_run", False)),
            deadline=float(raw.get("deadline") or 0),
            target=dict(raw.get("target") or {}),
        )
