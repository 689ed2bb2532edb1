"""The input of a run."""

from dataclasses import dataclass, field
from typing import Any, Literal

Kind = Literal["test-launch", "cutover"]
Launch = Literal["TEST", "CUTOVER"]
DRY_RUN = "dry-run"
"""suffix of the key of the run record's item for dry runs: `<site>#dry-run`"""


@dataclass(frozen=True, kw_only=True)
class Run:
    """One execution of a state machine. Parsed from the execution's input, the same in all its steps."""

    run_id: str
    kind: Kind
    cutover_id: str
    dry_run: bool = False
    deadline: float = 0.0
    """no commit after this moment (epoch), 0 for none: CloudFormation will have given up by then"""
    target: dict[str, Any] = field(default_factory=dict)
    """facts about the target site that the parameter cannot hold yet when the stack is created; they replace those of the parameter"""

    @property
    def launch(self) -> Launch:
        """Return the kind of launch that the run needs. Starts nothing."""
        return "TEST" if self.kind == "test-launch" else "CUTOVER"

    @classmethod
    def parse(cls, raw: dict[str, Any]) -> "Run":
        """Parse the input of an execution. Raises ValueError for an unknown kind."""
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
