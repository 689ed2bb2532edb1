"""The whole state of an execution."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from procedure.state.commands import Calls
from procedure.state.comparison import ComparisonState
from procedure.state.gate import GateState
from procedure.state.hooks import HookState
from procedure.state.messages import MessageState
from procedure.state.outputs import Outputs
from procedure.state.part import Part
from procedure.state.replica import ReplicaState
from procedure.state.requests import RequestState
from procedure.state.rollback import LogState, RollbackState
from procedure.state.source import SourceState
from procedure.state.target import TargetState
from procedure.state.window import WindowState

PATH = "memory"
"""where the state machine keeps it; the names done, committed, cause, outputs and warnings are read outside of the function"""


@dataclass
class State(Part):
    done: bool = False
    """whether the step has done what it promises: the state machine goes on"""
    committed: bool = False
    """whether the run that shall be rolled back has committed: the state machine goes on behind the commit"""
    cause: str = ""
    """what the execution fails with"""
    began: dict[str, float] = field(default_factory=dict)
    """step: when it was begun (epoch seconds), whatever invocation that was; until it is done"""
    warnings: list[str] = field(default_factory=list)
    unwritten_evidence: dict[str, dict[str, Any]] = field(default_factory=dict)
    """records that the bucket did not take, by name"""
    calls: Calls = field(default_factory=dict)
    outputs: Outputs = field(default_factory=Outputs)
    source: SourceState = field(default_factory=SourceState)
    replica: ReplicaState = field(default_factory=ReplicaState)
    comparison: ComparisonState = field(default_factory=ComparisonState)
    gate: GateState = field(default_factory=GateState)
    window: WindowState = field(default_factory=WindowState)
    target: TargetState = field(default_factory=TargetState)
    rollback: RollbackState = field(default_factory=RollbackState)
    logs: LogState = field(default_factory=LogState)
    requests: RequestState = field(default_factory=RequestState)
    hooks: HookState = field(default_factory=HookState)
    messages: MessageState = field(default_factory=MessageState)

    def to_json(self) -> dict[str, Any]:
        """Return what the next invocation gets. `done` and `committed` are always there: a Choice reads them."""
        return {"done": self.done, "committed": self.committed, **super().to_json()}

    @classmethod
    def parse(cls, raw: Any) -> State:
        """Return the state that an invocation brings; an execution begins with an empty one. Raises StepFailed (state/part.py)."""
        return cls.from_json(raw or {}, path=PATH)
