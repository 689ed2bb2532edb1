"""The run record as the tool on a machine uses it, in memory."""

from __future__ import annotations

from cutover_site.aws.run_record import Decision


class Record:
    """A run record in which `run` holds the site. A thaw decides unless there is a decision."""

    def __init__(self, run: str) -> None:
        self.decision = Decision(run, "")

    def read(self) -> Decision:
        return self.decision

    def report_held(self, run: str) -> bool:
        return self.decision == Decision(run, "")

    def decide_thaw(self, run: str) -> Decision:
        self.decision = self.decision if self.decision.decision else Decision(run, "thaw")
        return self.decision
