"""How long a later run may use what a suspended run has finished, for each step before the window (decision 0074)."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Validity:
    """How long the result of a step of one run may be used by a later run."""

    seconds: int
    """0: every run does the step again"""
    reason: str


_REPLICA_SECONDS = 24 * 3600
VALIDITIES: Mapping[str, Validity] = {
    "lock": Validity(seconds=0, reason="only the run that works may hold the site"),
    "preflight": Validity(seconds=0, reason="the replications and the machines may have changed since"),
    "take-over": Validity(seconds=0, reason="it decides what is taken over"),
    "accept-scratch": Validity(seconds=0, reason="auto scaling may have replaced a target"),
    "mark-ready-for-cutover": Validity(
        seconds=_REPLICA_SECONDS, reason="the source server is in the state that its launch has set"
    ),
    "prepare-launch": Validity(seconds=_REPLICA_SECONDS, reason="nothing is launched again"),
    "launch": Validity(seconds=_REPLICA_SECONDS, reason="the replica runs, and no other one was launched"),
    "await-job": Validity(
        seconds=_REPLICA_SECONDS, reason="the replica runs; if it did not yet, the same job is waited for"
    ),
    "await-bulk": Validity(
        seconds=_REPLICA_SECONDS,
        reason="the next run compares every file with the source, and copies those that differ; an unfinished copy goes on",
    ),
    "allow-delta": Validity(seconds=0, reason="the roll back has removed the replica's access to the source"),
    "stand-by": Validity(seconds=0, reason="a prefork worker lives as long as its machine, and targets may be new"),
    "verify": Validity(
        seconds=0, reason="the window compares what was written since one position of the log, which must be recent"
    ),
    "verify-files": Validity(
        seconds=0, reason="files were written since, and the window compares what changed since one moment"
    ),
    "verify-program": Validity(seconds=0, reason="somebody may have changed the program or its settings since"),
    "sync-auto-increment": Validity(seconds=0, reason="the source has used numbers since"),
    "await-go": Validity(seconds=0, reason="a go is for a site that somebody has seen ready"),
}
"""Of each step before the window. An early step is done again although later ones are taken over: nothing of those depends on it.

Day-long validities bound nothing but a replica that is suspended again and again: `resume_minutes` bounds each suspension.
"""
TAKEN_OVER = tuple(name for name, validity in VALIDITIES.items() if validity.seconds)
"""in the order of the plan. A later run takes over as many of them as are finished and valid, from the first one on"""
COPIED = "await-bulk"
"""the step after which the replica has all files"""
LAUNCHED = TAKEN_OVER[: TAKEN_OVER.index("launch") + 1]
"""what must be finished at least: the provider has accepted the launch. Without its job, nothing proves whose replica it is"""
