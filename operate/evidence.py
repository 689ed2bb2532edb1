"""Read the evidence of runs in S3: what each step took, and what it found."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from common.clients.aws import translate_aws_errors
from common.clients.evidence import OUTPUTS, Evidence
from common.run import Kind

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

STEP = re.compile(r"\d\d(\.\d)?-[a-z-]+")
PREFIX = "runs/"
FIRST = "01-lock"
"""evidence of the first step of both kinds of run"""
MARKS: Mapping[Kind, str] = {"test-launch": "t", "cutover": "c"}
"""in the ids of runs (docs/reference.md, Names at run time)"""


@dataclass(frozen=True, kw_only=True)
class StepRecord:
    """The evidence of one step. Times in epoch seconds."""

    step: str
    outcome: str
    """done, failed or retry"""
    began: float
    ended: float
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def seconds(self) -> float:
        return self.ended - self.began

    @property
    def is_done(self) -> bool:
        return self.outcome == "done"

    @property
    def is_measured(self) -> bool:
        """Return whether the time of the step is that of its work. Another run has done the work of a step that was taken over, or a part of it."""
        return self.is_done and not (self.facts.get("taken_over_from") or self.facts.get("continued_from"))


class EvidenceReader:
    """The evidence bucket of a site. A step that is done is read once, because its evidence does not change any more."""

    def __init__(self, s3: S3Client, bucket: str) -> None:
        self._s3, self._bucket = s3, bucket
        self._done: dict[tuple[str, str], StepRecord] = {}

    def read_steps(self, run_id: str) -> dict[str, StepRecord]:
        """Return the steps of a run by name, in the order of their evidence."""
        found: dict[str, StepRecord] = {}
        for name in self._list_names(f"{PREFIX}{run_id}/"):
            if STEP.fullmatch(name) and (record := self._read(run_id, name)) is not None:
                found[record.step] = record
        return found

    def read_outputs(self, run_id: str) -> dict[str, Any] | None:
        """Return the outputs of a run, None before its end."""
        return Evidence(self._s3, self._bucket, run_id).read(OUTPUTS)

    def find_last_run(self, kind: Kind, *, without: str = "") -> str:
        """Return the id of the last run of this kind that succeeded, empty when there is none. `without`: a run that does not count."""
        finished = [
            (outputs.get("finished", ""), run)
            for run in self._list_runs(kind)
            if run != without and (outputs := self.read_outputs(run))
        ]
        return max(finished)[1] if finished else ""

    def list_recent_runs(self, kind: Kind, *, most: int) -> list[str]:
        """Return the last runs of this kind that have begun, the latest first, also those that failed."""
        began = {run: lock.began for run in self._list_runs(kind) if (lock := self._read(run, FIRST)) is not None}
        return sorted(began, key=lambda run: began[run], reverse=True)[:most]

    def _list_runs(self, kind: Kind) -> Iterator[str]:
        pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=PREFIX, Delimiter="/")
        with translate_aws_errors("s3:ListBucket"):
            for page in pages:
                for one in page.get("CommonPrefixes", []):
                    run = str(one.get("Prefix", "")).removeprefix(PREFIX).rstrip("/")
                    if run.rsplit("-", 2)[1:2] == [MARKS[kind]]:
                        yield run

    def _list_names(self, prefix: str) -> list[str]:
        pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=prefix)
        with translate_aws_errors("s3:ListBucket"):
            keys = [str(one["Key"]) for page in pages for one in page.get("Contents", [])]
        return [key.removeprefix(prefix).removesuffix(".json") for key in keys if key.endswith(".json")]

    def _read(self, run_id: str, name: str) -> StepRecord | None:
        if (known := self._done.get((run_id, name))) is not None:
            return known
        raw = Evidence(self._s3, self._bucket, run_id).read(name)
        if raw is None or not {"step", "outcome", "began", "ended"} <= set(raw):
            return None
        record = StepRecord(
            step=str(raw["step"]),
            outcome=str(raw["outcome"]),
            began=datetime.fromisoformat(str(raw["began"])).timestamp(),
            ended=datetime.fromisoformat(str(raw["ended"])).timestamp(),
            facts=raw.get("facts") or {},
        )
        if record.is_done:
            self._done[run_id, name] = record
        return record
