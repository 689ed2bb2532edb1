"""Find out whether two sites ever acknowledged writes at overlapping times.

The frozen source never changes again, so it holds exactly the writes that it accepted: a write that is in its database or
repositories was accepted by it, a write that is only on the target was accepted by the target. An address proves nothing,
because after the commit the source's front forwards.

The criterion: every acknowledged write that the source has got its response before the first acknowledged write that it does
not have got *its response*. The times of the requests do not count, because a held write is sent while the source still ends
its last ones. Where an operation goes on after its write, the response to the write counts (`written`): LFS verifies an object after
its upload, and a freeze between the two holds the verification. A write that the source acknowledged and lost again would also break the criterion: in doubt the run fails.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from rehearsal.client.ledger import Operation

Identity = tuple[str, ...]


@dataclass(frozen=True)
class Overlap:
    """Acknowledged writes by the site that accepted them, and the seconds between the last of the one and the first of the other.

    `apart` is None when one site alone accepted writes; negative when the times overlapped.
    """

    source: int
    target: int
    apart: float | None

    @property
    def happened(self) -> bool:
        """Return whether the times overlapped."""
        return self.apart is not None and self.apart <= 0


def build_identity(operation: Operation, repository: str) -> Identity:
    """Return what distinguishes a write from every other, by content, in the form of `job.accepted_writes`."""
    wanted = operation.wanted
    match operation.kind:
        case "push-http" | "push-ssh":
            return ("commit", repository, wanted["commit"])
        case "issue":
            return ("issue", repository, wanted["number"], wanted["title"], wanted["body"])
        case "comment":
            return ("comment", repository, wanted["number"], wanted["body"])
        case "lfs":
            return ("lfs", repository, wanted["oid"])
        case "attachment":
            return ("attachment", repository, wanted["number"], wanted["uuid"])
    raise ValueError(f"no rule names the result of a {operation.kind}")


def _get_end(operation: Operation) -> float:
    return operation.written or operation.answered or operation.sent


def find_overlap(operations: Iterable[Operation], held: Callable[[Operation], bool]) -> Overlap:
    """Return the overlap. `held` returns whether the frozen source holds a write."""
    acknowledged = [op for op in operations if op.writes and op.acknowledged]
    source = [op for op in acknowledged if held(op)]
    target = [op for op in acknowledged if not held(op)]
    apart = None
    if source and target:
        apart = min(map(_get_end, target)) - max(map(_get_end, source))
    return Overlap(source=len(source), target=len(target), apart=apart)
