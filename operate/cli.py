"""Parse the command line and run the command. Exit codes: 0 done, 1 failed (one sentence with the reason and what to do), 2 wrong usage or settings."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import boto3
from botocore.exceptions import BotoCoreError
from common.clock import Clock, SystemClock
from common.errors import CutoverError, StepFailed
from settings import Settings, SettingsError

from operate import formatting
from operate.dry_run import run_dry_run
from operate.orphaned import list_orphaned
from operate.report.aws import AwsReader
from operate.report.command import PAGE, ReportOptions, create_report
from operate.rollback import LONGEST_SECONDS, roll_back
from operate.site import CONFIG, STACKS, Site

DONE, FAILED, USAGE = 0, 1, 2


def main(arguments: Sequence[str]) -> int:
    """Run one command. Return the exit code."""
    options = _create_parser().parse_args(arguments)
    clock = SystemClock()
    try:
        settings = Settings.load(options.config)
        session = boto3.session.Session(region_name=settings.aws.region)
        site = Site(settings, session, clock, stacks=options.stack or tuple(STACKS.values()))
        if options.command == "status":
            print_status(site, clock)
        elif options.command == "report":
            write_page(settings, session, site, options, clock)
        elif options.command == "orphaned":
            list_orphaned(site, _print_line, remove=options.remove)
        elif options.command == "dry-run":
            run_dry_run(
                site, clock, _print_line, cutover_id=settings.cutover_id, kind=options.kind, seconds=options.seconds
            )
        else:
            roll_back(site, clock, _print_line, seconds=options.seconds)
    except SettingsError as error:
        return _print_error(str(error), USAGE)
    except CutoverError as error:
        return _print_error(formatting.format_error(error), FAILED)
    except BotoCoreError as error:  # before any call: a profile that does not exist, a damaged configuration
        return _print_error(str(error), FAILED)
    except KeyboardInterrupt:
        return _print_error("interrupted: this command stops, the run itself goes on", FAILED)
    return DONE


def print_status(site: Site, clock: Clock) -> None:
    """Print who holds the site and which side serves."""
    record = site.read_record()
    try:
        found = site.find_execution(record.run_id) if record.run_id else None
        execution = found[1].status if found else "there is none (any more)"
    except StepFailed as failed:
        execution = f"not known: {failed.reason}"
    for line in formatting.format_status(site.name, record, execution, clock.now()):
        print(line)


def write_page(
    settings: Settings, session: boto3.session.Session, site: Site, options: argparse.Namespace, clock: Clock
) -> None:
    """Write the report of a run as a page."""

    def create_reader() -> AwsReader:
        clients = cache(lambda service: session.client(service, config=CONFIG))
        return AwsReader(site.name, site.region, clients)

    create_report(
        settings,
        ReportOptions(options.run, options.output, options.client, options.evidence),
        clock,
        _print_line,
        read_record=site.read_record,
        create_reader=create_reader,
    )


def _print_line(line: str) -> None:
    print(line, flush=True)


def _print_error(sentence: str, code: int) -> int:
    print(f"error: {sentence}", file=sys.stderr)
    return code


def _create_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m operate", description="Look at a migration, try it, or stop it.")
    parser.add_argument("--config", type=Path, default=Path(os.environ.get("CUTOVER_CONFIG") or "migration.toml"),
                        help="default: migration.toml, or what CUTOVER_CONFIG names")  # fmt: skip
    parser.add_argument(
        "--stack", action="append", help=f"a stack that holds state machines (default: {' and '.join(STACKS.values())})"
    )
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("status", help="run, phase, decision, lease, who serves")
    stop = commands.add_parser("rollback", help="stop the run that holds the site; wait until the source serves")
    stop.add_argument("--seconds", type=_parse_positive, default=LONGEST_SECONDS, help="how long to wait at most")
    look = commands.add_parser("dry-run", help="run every step without a change, and wait for its end")
    look.add_argument("--kind", choices=("test-launch", "cutover"), help="default: the kind of the site's last run")
    look.add_argument("--seconds", type=_parse_positive, default=LONGEST_SECONDS, help="how long to wait at most")
    page = commands.add_parser("report", help="write one HTML page about a run, with its content as JSON beside it")
    page.add_argument("--run", default="", help="default: the run that holds the site, or held it last")
    page.add_argument("--output", type=Path, default=PAGE, help=f"default: {PAGE}")
    page.add_argument("--client", type=Path, help="operations of a load client, JSON Lines (docs/report.md)")
    page.add_argument(
        "--evidence", type=Path, help="a copy of the evidence bucket or an evidence file; AWS is not read then"
    )
    left = commands.add_parser("orphaned", help="list what runs and the provider have left and what costs money")
    left.add_argument("--remove", action="store_true", help="remove what may go; without it nothing changes")
    return parser


def _parse_positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError(text)
    return number
