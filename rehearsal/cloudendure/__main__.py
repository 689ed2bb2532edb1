"""`python -m rehearsal.cloudendure`: serve the console; `… fault KIND`, `… faults`, `… status` talk to the running one."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import cast

import requests

from rehearsal.cloudendure.config import ConsoleSettings
from rehearsal.cloudendure.faults import KINDS
from rehearsal.cloudendure.responses import Json
from rehearsal.errors import RehearsalError


def main(arguments: Sequence[str], environ: Mapping[str, str]) -> int:
    """Run the command line; return its exit code."""
    options = _build_parser().parse_args(arguments)
    try:
        settings = ConsoleSettings.load(environ)
        if options.command in (None, "serve"):
            from rehearsal.cloudendure.server import serve

            return serve(replace(settings, latency=options.latency) if getattr(options, "latency", None) else settings)
        print(json.dumps(_ask(settings, options), indent=2))
    except RehearsalError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _ask(settings: ConsoleSettings, options: argparse.Namespace) -> object:
    """Return the running console's response. Raises RehearsalError when there is none, or it refuses."""
    url = f"{settings.world.console_url}/_rehearsal"
    method, path, document = "GET", "/replication", cast(Json | None, None)
    match options.command:
        case "fault":
            wanted = {key: getattr(options, key) for key in _FAULT_OPTIONS if getattr(options, key) is not None}
            method, path, document = "POST", "/faults", {"kind": options.kind, **wanted}
        case "clear":
            method, path = "DELETE", f"/faults/{options.id}" if options.id else "/faults"
        case "faults":
            path = "/faults"
    try:
        response = requests.request(method, url + path, json=document, timeout=30)
    except requests.ConnectionError:
        raise RehearsalError(
            f"No console responds on {settings.world.console_url}: `python -m rehearsal up` starts it."
        ) from None
    if not response.ok:
        raise RehearsalError(f"The console refused: {response.json()['message']}")
    return response.json() if response.content else {}


_FAULT_OPTIONS: dict[str, type] = {
    "path": str,
    "method": str,
    "status": int,
    "machine": str,
    "message": str,
    "seconds": int,
    "nth": int,
    "times": int,
}


def _build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m rehearsal.cloudendure", description=__doc__)
    commands = parser.add_subparsers(dest="command")
    serve = commands.add_parser("serve", help="serve the console (the default)")
    serve.add_argument("--latency", choices=("zero", "published"), help="service times")
    kinds = "\n".join(f"  {name:16}{kind.does}" for name, kind in KINDS.items())
    fault = commands.add_parser(
        "fault",
        help="order a failure",
        epilog=f"kinds:\n{kinds}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    fault.add_argument("kind", choices=tuple(KINDS))
    for name, kind in _FAULT_OPTIONS.items():
        fault.add_argument(f"--{name}", type=kind)
    clear = commands.add_parser("clear", help="clear one fault, or all")
    clear.add_argument("id", nargs="?", type=int)
    commands.add_parser("faults", help="what is ordered, and what it hit")
    commands.add_parser("status", help="each machine's replication, in numbers")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))
