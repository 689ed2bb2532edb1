"""Inject faults into the local AWS; `python -m rehearsal.aws.faults order --help` shows the kinds."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict

from rehearsal.aws.faults import client
from rehearsal.aws.faults.kinds import KINDS, Fault
from rehearsal.errors import RehearsalError
from rehearsal.settings import Settings

_DEFAULTS = asdict(Fault(0, ""))
_OPTIONS = [*sorted({name for kind in KINDS.values() for name in kind.options}), "nth", "times"]


def main(arguments: Sequence[str], environ: Mapping[str, str]) -> int:
    """Run one command; return its exit code."""
    options = _build_parser().parse_args(arguments)
    try:
        result = _run_command(Settings.load(environ), options)
    except RehearsalError as error:
        print(error, file=sys.stderr)
        return 1
    print(json.dumps(result, indent=2))
    return 0


def _run_command(settings: Settings, options: argparse.Namespace) -> object:
    """Send the command to the local AWS. Return its result, which is printed as JSON."""
    match options.command:
        case "order":
            given = {name: getattr(options, name) for name in _OPTIONS if getattr(options, name) is not None}
            if "fields" in given:
                given["fields"] = dict(given["fields"])
            return client.inject_fault(settings, options.kind, **given).read_state()
        case "list":
            return client.list_faults(settings)
        case "clear":
            client.clear_faults(settings, options.id)
            return client.list_faults(settings)
        case "release":
            return client.InjectedFault(settings, options.id).release()
    return client.InjectedFault(settings, options.id).wait(options.seconds)


def _parse_field(text: str) -> tuple[str, str]:
    name, equals, pattern = text.partition("=")
    if not equals:
        raise argparse.ArgumentTypeError(f"{text}: NAME=PATTERN is expected")
    return name, pattern


def _build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m rehearsal.aws.faults", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    kinds = "\n".join(
        f"  {name}: {kind.does}\n{'':8}{' '.join(f'--{option}' for option in kind.options).replace('fields', 'field')}"
        for name, kind in KINDS.items()
    )
    order = commands.add_parser(
        "order",
        help="inject a fault",
        epilog=f"kinds:\n{kinds}\nall: --nth N starts with the Nth event, --times N ends after N (0: until cleared)",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    order.add_argument("kind", choices=tuple(KINDS))
    for name in _OPTIONS:
        if name == "fields":
            order.add_argument("--field", dest="fields", type=_parse_field, action="append", metavar="NAME=PATTERN")
        else:
            order.add_argument(f"--{name}", type=type(_DEFAULTS[name]) if name != "seconds" else float)
    commands.add_parser("list", help="list the faults, and how often each has hit")
    commands.add_parser("clear", help="clear one fault, or all").add_argument("id", nargs="?", type=int)
    commands.add_parser("release", help="release the invocations that a fault holds").add_argument("id", type=int)
    wait = commands.add_parser("wait", help="wait until a fault has hit an event or holds an invocation")
    wait.add_argument("id", type=int)
    wait.add_argument("--seconds", type=float, default=60.0)
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))
