"""The command line: one verb, one JSON object as the last line of standard output. Everything else goes to standard error."""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from cutover_site.answers import limit, serialize
from cutover_site.errors import Refused, SiteError
from cutover_site.machine import Machine

LOG = logging.getLogger(__name__)

Function = Callable[[Machine, argparse.Namespace], dict[str, Any]]


@dataclass(frozen=True)
class Option:
    name: str
    kind: Callable[[str], Any] = str
    default: Any = None
    required: bool = False
    flag: bool = False
    choices: Sequence[str] | None = None
    help: str = ""
    former: str = ""
    """the option's name in the last release, read as well: the procedure sends that one while machines may have the tool of that release"""

    @property
    def flags(self) -> tuple[str, ...]:
        return (f"--{self.name}", *([f"--{self.former}"] if self.former else []))


@dataclass(frozen=True)
class Verb:
    name: str
    help: str
    run: Function
    options: tuple[Option, ...] = ()
    ports: Option | None = None
    """one such option for each port of the application that is not HTTP, by the port's name"""
    undecided: int = 1
    """exit code when the verb fails for another reason than a refusal"""
    for_people: bool = False
    """its answer is never fetched through Systems Manager, so its length has no limit"""


RUN = Option("run", required=True, help="id of the run")
LEASE = Option("lease", kind=int, required=True, help="seconds until the machine opens by itself")


def parser(verbs: Sequence[Verb], ports: Sequence[str]) -> argparse.ArgumentParser:
    """`ports`: names of the application's ports that are not HTTP."""
    top = argparse.ArgumentParser(prog="cutover-site", description=__doc__)
    commands = top.add_subparsers(dest="verb", required=True, metavar="VERB")
    for verb in verbs:
        command = commands.add_parser(verb.name, help=verb.help, description=verb.help)
        of_ports = [replace(verb.ports, name=name) for name in ports] if verb.ports else []
        for option in (*verb.options, *of_ports):
            if option.flag:
                command.add_argument(*option.flags, action="store_true", help=option.help)
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


def main(verbs: Sequence[Verb], arguments: Sequence[str] | None = None, machine: Machine | None = None) -> int:
    """0 done, 1 failed with a reason (or what the verb says for all but a refusal), 2 usage."""
    here = machine or Machine()
    options = parser(verbs, _ports(here)).parse_args(arguments)
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(name)s: %(message)s")
    logging.getLogger("botocore").setLevel(logging.WARNING)
    verb = next(verb for verb in verbs if verb.name == options.verb)
    try:
        facts = verb.run(here, options)
    except SiteError as error:
        LOG.info("%s failed", verb.name, exc_info=True)
        code = 1 if isinstance(error, Refused) else verb.undecided
        return answer({"ok": False, "reason": f"{error.reason} ({_where(here)})", "next": error.next_action}, code)
    except Exception as error:
        LOG.exception("%s crashed", verb.name)
        advice = "journalctl -t cutover-site, or the command's standard error"
        return answer(
            {
                "ok": False,
                "reason": f"{verb.name} crashed: {type(error).__name__}: {error} ({_where(here)})",
                "next": advice,
            },
            verb.undecided,
        )
    answered = {"ok": True, **facts}
    return answer(answered if verb.for_people else limit(answered, verb.name))


def _ports(machine: Machine) -> list[str]:
    """None for an application without a profile: the verb itself says so."""
    try:
        return [port.name for port in machine.layout.application.tcp]
    except SiteError:
        return []


def answer(facts: dict[str, Any], code: int = 1) -> int:
    """`code`: the exit code of what failed."""
    print(serialize(facts if facts["ok"] else limit(facts, "")), flush=True)
    return 0 if facts["ok"] else code


def _where(machine: Machine) -> str:
    try:
        return machine.name
    except SiteError:
        return "a machine that does not know its id"
