"""The command line. Each call runs one verb and prints one JSON object as the last line of standard output. Logs go to standard error."""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from cutover_site.aws.milestone_names import MILESTONES, WAIT_SECONDS
from cutover_site.errors import Refused, SiteError
from cutover_site.machine import Machine
from cutover_site.result_size import fit_result, serialize

LOG = logging.getLogger(__name__)

RunVerb = Callable[[Machine, argparse.Namespace], dict[str, Any]]


@dataclass(frozen=True)
class Option:
    """An option of a verb."""

    name: str
    kind: Callable[[str], Any] = str
    default: Any = None
    required: bool = False
    flag: bool = False
    choices: Sequence[str] | None = None
    help: str = ""
    is_repeated: bool = False
    """the option may be given several times; its value is a list"""
    former: str = ""
    """another name, which is accepted too: that of the last release, which the procedure uses while machines may have that release's tool, or an
    application's own word"""

    @property
    def flags(self) -> tuple[str, ...]:
        """Return the names on the command line."""
        return (f"--{self.name}", *([f"--{self.former}"] if self.former else []))


@dataclass(frozen=True)
class Verb:
    """A verb of the command line."""

    name: str
    help: str
    run: RunVerb
    options: tuple[Option, ...] = ()
    ports: Option | None = None
    """an option for each port of the application that is not HTTP; its name is the port's"""
    error_code: int = 1
    """exit code when the verb fails without a refusal"""
    for_people: bool = False
    """its result is never read through Systems Manager, so its length is not limited"""


RUN = Option("run", required=True, help="id of the run")
AFTER = Option(
    "after",
    default="",
    choices=("", *MILESTONES),
    help="first wait until the run has reached this milestone, so that the command can be sent before its time",
)
WAIT = Option("wait", kind=float, default=WAIT_SECONDS, help="with --after: for how many seconds")
LEASE = Option("lease", kind=int, required=True, help="seconds until the machine resumes writes by itself")


def build_parser(verbs: Sequence[Verb], ports: Sequence[str]) -> argparse.ArgumentParser:
    """Return the parser of the command line. `ports`: names of the application's ports that are not HTTP."""
    top = argparse.ArgumentParser(prog="cutover-site", description=__doc__)
    commands = top.add_subparsers(dest="verb", required=True, metavar="VERB")
    for verb in verbs:
        command = commands.add_parser(verb.name, help=verb.help, description=verb.help)
        for option in get_options(verb, ports):
            if option.flag:
                command.add_argument(*option.flags, action="store_true", help=option.help)
            elif option.is_repeated:
                command.add_argument(
                    *option.flags,
                    action="append",
                    default=option.default,
                    required=option.required,
                    choices=option.choices,
                    help=option.help,
                )
            else:
                command.add_argument(
                    *option.flags,
                    type=option.kind,
                    default=option.default,
                    required=option.required,
                    choices=option.choices,
                    help=option.help,
                )
    return top


def get_options(verb: Verb, ports: Sequence[str]) -> list[Option]:
    """Return the options of a verb for an application with these ports."""
    return [*verb.options, *(replace(verb.ports, name=name) for name in ports if verb.ports)]


def main(
    verbs: Sequence[Verb],
    arguments: Sequence[str] | None = None,
    machine: Machine | None = None,
    parser: argparse.ArgumentParser | None = None,
) -> int:
    """Run the verb in `arguments` (those of this process by default). Return the exit code.

    0: done. 1: failed, with a reason; for another failure than a refusal a verb may have its own code. 2: wrong usage. `parser`: the parser of
    `verbs` on `machine`, if the caller has built it before.
    """
    here = machine or Machine()
    options = (parser or build_parser(verbs, list_ports(here))).parse_args(arguments)
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(name)s: %(message)s")
    logging.getLogger("botocore").setLevel(logging.WARNING)
    verb = next(verb for verb in verbs if verb.name == options.verb)
    try:
        facts = verb.run(here, options)
    except SiteError as error:
        LOG.info("%s failed", verb.name, exc_info=True)
        code = 1 if isinstance(error, Refused) else verb.error_code
        return print_result(
            {"ok": False, "reason": f"{error.reason} ({_describe_machine(here)})", "next": error.next_action}, code
        )
    except Exception as error:
        LOG.exception("%s crashed", verb.name)
        advice = "journalctl -t cutover-site, or the command's standard error"
        return print_result(
            {
                "ok": False,
                "reason": f"{verb.name} crashed: {type(error).__name__}: {error} ({_describe_machine(here)})",
                "next": advice,
            },
            verb.error_code,
        )
    result = {"ok": True, **facts}
    return print_result(result if verb.for_people else fit_result(result, verb.name))


def list_ports(machine: Machine) -> list[str]:
    """Return the names of the ports that are not HTTP; none for an unknown application, which the verb itself reports."""
    try:
        return [port.name for port in machine.layout.application.tcp]
    except SiteError:
        return []


def print_result(facts: dict[str, Any], code: int = 1) -> int:
    """Print a verb's result as one line. Return the exit code: 0, or `code` for a failure."""
    print(serialize(facts if facts["ok"] else fit_result(facts, "")), flush=True)
    return 0 if facts["ok"] else code


def _describe_machine(machine: Machine) -> str:
    try:
        return machine.name
    except (SiteError, ImportError):  # a machine that is only inspected may have no boto3
        return "a machine whose id cannot be read"
