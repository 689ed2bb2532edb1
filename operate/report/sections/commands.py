"""How a reader checks the report without trusting it: commands for a shell."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from shlex import quote

from common.site_parameters import build_runs_table_name

from operate.report.runs import Run
from operate.report.source import RunSource


@dataclass(frozen=True)
class Command:
    """A command, and what it shows."""

    shows: str
    command: str


def list_commands(source: RunSource, run: Run) -> list[Command]:
    """Return the commands. Names of this run are in them; what is not known is a word in capitals."""
    return list(_list(source, run))


def _list(source: RunSource, run: Run) -> Iterator[Command]:
    bucket, region = source.bucket or "EVIDENCE_BUCKET", f"--region {quote(source.region)}"
    table = quote(build_runs_table_name(source.site))
    key = quote(f'{{"site":{{"S":"{source.site}"}}}}')
    yield Command("who decided, and how: attributes decision and decided_at of the run record", f"aws dynamodb get-item {region} --table-name {table} --key {key} --consistent-read")  # fmt: skip
    yield Command("every record that this page was made from", f"aws s3 sync {region} s3://{bucket}/runs/ runs/")
    yield Command("this page again, from your copy of the records", f"cutover report --run {quote(run.run_id)} --evidence runs --output report.html")  # fmt: skip
    yield Command("which side serves now", "cutover status")
    yield Command("rows and digest of each table, one line for each", f"jq '.facts.digests' runs/{quote(run.run_id)}/*-verify.json")  # fmt: skip
    yield Command("the refs of one repository: compare the output for the source's and the target's address", "git ls-remote ssh://git@HOST:PORT/OWNER/NAME.git")  # fmt: skip
    yield Command("the rows of one table, on the source and on the target", "mysql --host=HOST SCHEMA --execute='SELECT COUNT(*) FROM TABLE'")  # fmt: skip
    yield Command("what is left and costs money", "cutover clean-up")
