"""Small evidence of runs: the records that a procedure would have written, in the order of its plan."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from common.clock import format_iso
from common.settings import Limits
from cutover_site.proxy.request_counts import Span, count_requests
from cutover_site.proxy.request_log import Request
from procedure.evidence_names import format_evidence_name
from procedure.plan import ALL, CUTOVER, CUTOVER_ROLLBACK, TEST_LAUNCH

from operate.report.bucket import Bucket
from operate.report.client import Operation, Outcome
from operate.report.source import Check, Independent, Lag, RunSource, StackResource

BEGAN = 1_800_000_000.0
RUN, TEST_RUN = "first-c-0123456789", "first-t-0123456789"
NOW = BEGAN + 900
FAILURE = {"phase": "Activate", "machine": "i-1", "reason": "Gogs did not start", "next": "read its journal"}
CHECKS = [{"name": "login", "outcome": "pass", "seconds": 0.2}, {"name": "mail", "outcome": "skip", "seconds": 0.0}]
Facts = Mapping[str, Mapping[str, Any]]
FACTS: Facts = {
    "freeze": {"opened_seconds": 0.0},
    "verify": {"tables_equal": 2, "rows": 1203, "digests": {"gogs.user": {"rows": 3, "digest": "aa11"}, "gogs.issue": {"rows": 1200, "digest": "bb22"}}},
    "verify-files": {"files_equal": 61, "files_copied_by_content": {"files": 3, "paths": ["a"]}},
    "verify-program": {"program_equal": ["digests/gogs", "digests/settings of app.ini", "what"]},
    "verify-changes": {"tables": ["gogs.issue"], "tables_digest": {"count": 1, "rows": 7, "digest": "cc33"}, "digests": {"gogs.issue": {"rows": 1201, "digest": "dd44"}}, "files_equal": 4, "files_looked_at": "changed since 10:00"},
    "accept-live": {"checks": CHECKS, "not_checked": ["mail: the site sends none"], "retried": []},
    "await-job": {"instance_id": "i-1"},
    "clean-up": {"job": "j-2"},
    "finish": {"warnings": ["Tidy up on i-2: no response. Next: run it by hand", "no action here"]},
}  # fmt: skip


def record(name: str, began: float, *, outcome: str = "done", run: str = RUN, **facts: Any) -> dict[str, Any]:
    """Return the record of a step that took half a second. `began` in seconds since BEGAN."""
    kind = "test-launch" if run == TEST_RUN else "cutover"
    return {
        "key": f"runs/{run}/{format_evidence_name(kind, name)}.json",
        "step": name,
        "phase": ALL[name].phase,
        "run_id": run,
        "by": "arn:aws:lambda:eu-central-1:1:function:procedure request 7d3e",
        "outcome": outcome,
        "began": format_iso(BEGAN + began),
        "ended": format_iso(BEGAN + began + 0.5),
        "seconds": 0.5,
        "facts": facts,
    }


def make_migrated() -> list[dict[str, Any]]:
    """Return the records of a test launch and of a cutover that committed."""
    test = [record(step.name, number / 2 - 60, run=TEST_RUN, **TEST_FACTS.get(step.name, {})) for number, step in enumerate(TEST_LAUNCH)]  # fmt: skip
    return [*test, *_list_cutover(), {"key": f"runs/{RUN}/outputs.json", "run_id": RUN, "finished": "now", "warnings": []}]  # fmt: skip


TEST_FACTS: Facts = {
    "await-job": {"instance_id": "i-0"},
    "await-image": {"image_id": "ami-1", "snapshots": ["snap-1"]},
    "await-report": {"report": {"checks": [{"name": "push", "outcome": "pass", "seconds": 1.5, "reason": ""}]}},
    "finish": {"image_id": "ami-1", "warnings": []},
}


def _list_cutover() -> Iterator[dict[str, Any]]:
    for number, step in enumerate(CUTOVER):
        facts = dict(FACTS.get(step.name, {}))
        if step.name == "commit":
            frozen = [one.name for one in CUTOVER].index("freeze") / 2
            facts = {"frozen": format_iso(BEGAN + frozen), "committed": format_iso(BEGAN + number / 2 + 0.4)}
        yield record(step.name, number / 2, **facts)


def make_failed_at(name: str) -> list[dict[str, Any]]:
    """Return the records of a cutover that failed at this step and was rolled back."""
    names = [step.name for step in CUTOVER]
    done = names[: names.index(name)]
    found = [record(one, number / 2, **FACTS.get(one, {})) for number, one in enumerate(done)]
    time = len(done) / 2
    found.append(record(name, time, outcome="failed", **FAILURE))
    found.append(record("decide-rollback", time + 0.5, decision="rollback", failure=FAILURE))
    for number, step in enumerate(CUTOVER_ROLLBACK, start=2):
        opened = {"open_since": format_iso(BEGAN + time + number / 2 + 0.3)} if "freeze" in done else {"source": "was never frozen"}  # fmt: skip
        found.append(record(step.name, time + number / 2, **(opened if step.name == "rollback-source" else {})))
    return [*found, record("release", time + 6), record("conclude", time + 6.5, **FAILURE, logs="runs/x/logs-i-1.txt")]


def make_running() -> list[dict[str, Any]]:
    """Return the records of a cutover that has not come to its window."""
    return [record(step.name, number / 2) for number, step in enumerate(CUTOVER[:5])]


def make_operations(*, window: tuple[float, float] = (9.0, 12.0), failed: int = 0) -> list[Operation]:
    """Return reads and writes every tenth of a second, of which the writes of the window are held. Times in seconds since BEGAN."""
    found = []
    for number in range(200):
        start, writes = BEGAN + number / 10, number % 2 == 0
        held = writes and window[0] <= number / 10 < window[1]
        end = BEGAN + window[1] + 0.1 if held else start + 0.08
        kind = "push-http" if writes else "read"
        found.append(Operation(start, end, kind, Outcome.DONE, writes, held))
    found += [Operation(BEGAN + 10, BEGAN + 10.2, "issue", Outcome.FAILED, True, False, "cut")] * failed
    return found


def make_source(documents: Sequence[Mapping[str, Any]], **changes: Any) -> RunSource:
    """Return the input of a report with everything known but the run record."""
    known: dict[str, Any] = {
        "limits": Limits(),
        "operations": make_operations(),
        "lag": [Lag(BEGAN + number, 0.1, 0.4 + number / 10) for number in range(10)],
        "resources": [
            StackResource("DataStack", "AWS::RDS::DBInstance", "db-1"),
            StackResource("ReplicationStack", "AWS::DMS::ReplicationInstance", "dms-1"),
            StackResource("ReplicationStack", "AWS::IAM::Role", "role"),
        ],
        "independent": Independent((Check("acknowledged writes", True, "210 found, 0 lost"),), {"rows": 1203, "refs": 93}),
        "bucket": "evidence-1",
    }  # fmt: skip
    return RunSource(
        site="gogs",
        region="eu-central-1",
        place="s3://evidence-1/runs/",
        documents=documents,
        now=NOW,
        **{**known, **changes},
    )


WINDOW = (7.0, 11.4)
"""freeze and commit of make_migrated, in seconds since BEGAN"""


def make_counts(side: str, machine: str, *, errors: int = 0, incomplete: Sequence[str] = ()) -> dict[str, Any]:
    """Return the object of the evidence with what a proxy logged: as the tool on the machine counts it, of a request every tenth of a second."""
    frozen, opened = (BEGAN + moment for moment in WINDOW)
    found = []
    for number in range(-300, 400):
        moment = BEGAN + number / 10 + 0.01
        is_write = number % 2 == 0
        if side == "target" and moment < opened:
            continue
        if is_write and frozen <= moment < opened and side == "source":  # held until the window ends
            found.append(_build_request(opened + 0.1, opened + 0.1 - moment, opened + 0.05 - moment, is_forwarded=True))
            continue
        is_forwarded = side == "source" and moment >= opened
        found.append(_build_request(moment, 0.02 + number % 7 / 100, 0.0, is_forwarded=is_forwarded))
    found += [replace(_build_request(opened + 1, 0.3, 0.0), status=502)] * errors
    found += [
        replace(_build_request(opened + 2, 0.1, 0.0), status=404),
        replace(_build_request(frozen - 3, 0.4, 0.0), is_aborted=True),
    ]
    found += [replace(_build_request(opened + 0.2, 2.0, 1.9), frontend="site_ssh", status=0)]
    span = Span(opened if side == "target" else frozen - 30, opened + 30, frozen, opened)
    facts = count_requests(found, span, {"site_ssh": "ssh"})
    return {"key": f"runs/{RUN}/requests-{machine}.json", "run_id": RUN, "requests_of": side, "machine": machine, **facts, "periods": dict(sorted(facts["periods"].items())), "incomplete": list(incomplete)}  # fmt: skip


def _build_request(ended: float, seconds: float, waited: float, *, is_forwarded: bool = False) -> Request:
    return Request(ended, seconds, waited, 200, is_aborted=False, is_forwarded=is_forwarded)


def make_logged() -> list[dict[str, Any]]:
    """Return the records of a cutover that committed, with the counts of its proxies."""
    dropped = "the journal did not keep 5 lines of the proxy, because there were too many at once"
    return [
        *make_migrated(),
        make_counts("source", "i-source", incomplete=[dropped]),
        make_counts("target", "i-target-a", errors=2),
        make_counts("target", "i-target-b"),
    ]


BALANCER = [Bucket(BEGAN + 60 * minute, 500 + 9 * minute, 3, minute % 2, 0, 0, 0, 0.02, 0.09, 0.4) for minute in range(-2, 5)]  # fmt: skip
