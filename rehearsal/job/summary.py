"""Print the short account that a run ends with, for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from rich.console import Console
from rich.table import Table

from rehearsal import application
from rehearsal.application import PROFILE
from rehearsal.client.overlap import Overlap
from rehearsal.job.comparison import Comparison
from rehearsal.job.evidence import Evidence
from rehearsal.job.recovery_time import find_failed_steps
from rehearsal.job.secrecy import Secrecy
from rehearsal.job.window import list_spent

Row = tuple[str, str]
MOST_SENTENCES = 5


def show(evidence: Evidence, console: Console) -> None:
    """Print the account as a table."""
    table = Table(show_header=False, box=None, pad_edge=False)
    for name, text in format_rows(evidence):
        table.add_row(name, text)
    console.print(table)


def format_rows(evidence: Evidence) -> Iterator[Row]:
    """Yield name and text of each line. What is missing was not measured; nothing is shown in its place."""
    yield "outcome", evidence.outcome
    if evidence.reason:
        yield "reason", evidence.reason
    for failed in find_failed_steps(evidence.steps):
        yield "failed step", _format_failure(failed)
    for kind, name in (("not_checked", "not checked"), ("retried", "sent twice")):
        if results := _list_acceptance_notes(evidence.steps, kind):
            yield name, _join_sentences(results)
    if evidence.provider:
        yield "provider", evidence.provider
    if evidence.program:
        yield PROFILE.title, application.load().PROGRAMS[evidence.program]
    for line in evidence.source:
        yield "the source", line
    if evidence.database:
        why = f" ({evidence.database['why']})" if evidence.database["why"] else ""
        yield "RDS ran", f"{evidence.database['product']} {evidence.database['version']}{why}"
    if evidence.served_by:
        yield "the site runs", f"{evidence.site_url} at {evidence.served_by}"
    if evidence.content:
        yield "moved", _format_counts(evidence.content)
    if evidence.comparison:
        yield from _format_compared(evidence.comparison)
    if evidence.ledger:
        yield from _format_client(evidence.ledger)
    if evidence.overlap:
        yield "two sites", _format_overlap(evidence.overlap)
    if evidence.secrecy:
        yield from _format_secrecy(evidence.secrecy)
    for goal in evidence.goals:
        yield f"goal: {goal.name}", str(goal)
    if evidence.missing:
        yield "not known", _join_sentences(evidence.missing)
    gap = evidence.ledger.get("write_downtime")
    if gap and evidence.steps:
        for one in list_spent(evidence.steps, gap["began"], gap["seconds"]):
            partly = f" ({one.outside:.2f} s of it while writes went on)" if one.outside else ""
            yield f"  window: {one.step}", f"{one.seconds:.2f} s{partly}"
    for phase in evidence.phases:
        yield f"  {phase.name}", f"{phase.seconds:.1f} s"


def _list_acceptance_notes(records: list[dict[str, Any]], kind: str) -> list[str]:
    """Return what the acceptance suites left out, or sent again, each sentence once: test launch, copy and live data report much the same."""
    found = (sentence for record in records for sentence in (record.get("facts") or {}).get(kind) or [])
    return list(dict.fromkeys(found))


def _format_failure(record: Mapping[str, Any]) -> str:
    facts = record.get("facts") or {}
    where = f" on {facts['machine']}" if facts.get("machine") else ""
    return f"{record['step']}{where}: {facts.get('reason') or 'no reason given'}"


def _format_compared(compared: Comparison) -> Iterator[Row]:
    yield (
        "compared",
        f"{compared.rows} rows in {compared.tables} tables, {compared.refs} refs and {compared.objects} objects in"
        f" {compared.repositories} repositories, files: {_format_counts(compared.files)}; mode and owner of {compared.owned} paths",
    )
    newer = f"{sum(compared.since_commit.values())} rows, values and refs"
    yield "newer on the target", f"{newer}, {compared.extra_files} files"
    yield "findings", _join_sentences(compared.findings)


def _format_client(ledger: Mapping[str, Any]) -> Iterator[Row]:
    lost = f"{sum(ledger['found'].values())} found, {len(ledger['lost'])} lost"
    yield "client", f"{ledger['acknowledged_writes']} acknowledged writes, {lost}"
    pace = ledger["pace"]
    if pace:
        flag = "" if pace["enough"] else ": too slow, the downtimes may be shorter than they look"
        each = f"{pace['writes_per_second']:.1f} writes a second, {pace['pushes_per_second']:.1f} of them pushes"
        yield "pace", f"{each}{flag}"
    unclear = f"; no clear response: {_join_sentences(ledger['unclear'])}" if ledger["unclear"] else ""
    yield "refused writes", (_format_counts(ledger["refused"]) or "none") + unclear
    if errors := ledger.get("site_errors"):
        yield (
            "the site's own errors",
            f"{_format_counts(errors)}: returned 500 while the site was open; the client tried once more",
        )
    yield "pause", _format_pause(ledger["pause"])
    reads, pause = ledger["read_downtime"], ledger["longest_read_pause"]
    if reads and pause:
        failed = f"{reads['total']:.2f} s, {reads['failed']} reads failed" if reads["failed"] else "0 s, no read failed"
        lasting = ", and reads had not come back at the end" if reads["lasting"] else ""
        yield "read downtime", f"{failed}{lasting}; longest pause between good reads {pause['seconds']:.2f} s"
    else:
        yield "read downtime", "not measured"


def _format_pause(pause: Mapping[str, Any]) -> str:
    longest, window = (
        "not measured" if pause[key] is None else f"{pause[key]:.2f} s"
        for key in ("longest_write_seconds", "window_seconds")
    )
    counts = f"{pause['failed_operations']} operations failed, {pause['held_writes']} writes held"
    return f"{counts}; longest write {longest}, window {window}"


def _format_overlap(overlap: Overlap) -> str:
    counts = f"source accepted {overlap.source} writes, target {overlap.target}"
    if overlap.apart is None:
        return f"{counts}: one of them alone, so nothing is shown"
    if overlap.happened:
        return f"{counts}, {-overlap.apart:.2f} s of it at the same time"
    return f"{counts}, never both: {overlap.apart:.2f} s between the last and the first"


def _format_secrecy(secrecy: Secrecy) -> Iterator[Row]:
    size = sum(place.bytes for place in secrecy.places.values()) / 1e6
    yield (
        "secrets",
        f"{len(secrecy.secrets)} searched in {len(secrecy.places)} places, {size:.0f} MB, {secrecy.seconds:.1f} s",
    )
    yield "secrets found", _join_sentences([str(one) for one in secrecy.findings])
    if secrecy.unsearched:
        yield "not searched", _join_sentences(secrecy.unsearched)


def _format_counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counts.items())


def _join_sentences(sentences: list[str]) -> str:
    more = f" … and {len(sentences) - MOST_SENTENCES} more" if len(sentences) > MOST_SENTENCES else ""
    return "; ".join(sentences[:MOST_SENTENCES]) + more or "none"
