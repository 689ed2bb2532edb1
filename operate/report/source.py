"""What is known about the runs of a site: the input of a report, from AWS (aws.py) or from files (files.py)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from common.clients.run_record import Record
from common.settings import Limits

from operate.report.bucket import Bucket
from operate.report.client import Operation

Document = Mapping[str, Any]
"""one object of the evidence, with its key as `key`"""


@dataclass(frozen=True)
class Lag:
    """How far the target's rows were behind at a moment. `time` in seconds since 1970; None: that part was not published."""

    time: float
    source_seconds: float | None = None
    """from a write on the source to its arrival at the replication"""
    target_seconds: float | None = None
    """from a write on the source to its arrival on the target"""


@dataclass(frozen=True)
class StackResource:
    """A resource of one of the product's stacks, as CloudFormation lists it. `name` is its logical id."""

    stack: str
    type: str
    id: str
    name: str = ""


@dataclass(frozen=True)
class Check:
    """One result of a comparison of the two sites that the product did not make."""

    name: str
    passed: bool
    text: str


@dataclass(frozen=True)
class Independent:
    """The results of comparisons that the product did not make. `counts`: what was compared, by name. Empty: there were none."""

    checks: tuple[Check, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class RunSource:
    """The input of a report. None, or nothing in a list of None: it is not known, which the page shows.

    `documents`: the objects of the evidence, of any number of runs. `record`: the run record, of the run that held the site last.
    `missing`: one sentence for each part that could not be read. `place`: where the evidence was read, for people.
    """

    site: str
    region: str
    place: str
    documents: Sequence[Document]
    now: float
    run_id: str = ""
    """the requested run; empty: the last one"""
    record: Record | None = None
    limits: Limits | None = None
    operations: Sequence[Operation] | None = None
    lag: Sequence[Lag] | None = None
    resources: Sequence[StackResource] | None = None
    prices: Mapping[str, str] = field(default_factory=dict)
    """list price of each resource that has one, by its id; empty: nobody asked"""
    balancer: Sequence[Bucket] | None = None
    """what the target's load balancer for HTTP published, by minute"""
    independent: Independent = field(default_factory=Independent)
    expected: Mapping[str, float] = field(default_factory=dict)
    """seconds of each step in an earlier run; empty: no earlier run is known"""
    missing: Sequence[str] = ()
    bucket: str = ""
