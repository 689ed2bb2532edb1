"""The commands that the pages show exist, with the options that they show there."""

from __future__ import annotations

import argparse
import importlib.util
import re
import shlex
from collections.abc import Callable, Iterator

import click
import pytest
from applications.gogs.profile import PROFILE
from cutover_site.cli import get_options
from cutover_site.verbs import ALL as VERBS

from operate.cli import group
from rehearsal.cli import _build_parser
from tests.unit.docs.pages import ROOT, Page, pages
from tests.unit.docs.test_links import HISTORY

PAGES = [page for page in pages() if not page.name.startswith(HISTORY)]
FREE = {"...", "…", "|", "&&", ";", ">", "2>&1"}
"""words after which a line is no longer the same command"""
ASSIGNMENT = re.compile(r"([A-Z_]+)=")
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
TARGETS = set(re.findall(r"^([a-z]+):", MAKEFILE, re.MULTILINE))
VARIABLES = set(re.findall(r"\$\((?:or \$\(|if \$\(|filter [a-z ]+,\$\()?([A-Z]+)\)", MAKEFILE))
STACKS = {
    found
    for path in (ROOT / "stacks").glob("*.py")
    for found in re.findall(r"^class (\w+)\(Stack\)", path.read_text(), re.MULTILINE)
}

Check = Callable[[list[str]], str]
"""Return what is wrong with the words after the command; empty when nothing is."""


def list_commands(page: Page) -> Iterator[list[str]]:
    """Yield the words of each code span and of each line of a code block, without comments, up to a pipe or the like."""
    for line in [*page.spans(), *(line for block in page.blocks() for line in block.splitlines())]:
        try:
            words = shlex.split(line.replace("\\|", "|"), comments=True)
        except ValueError:  # text with a quotation mark, which is no command
            continue
        end = next((at for at, word in enumerate(words) if word in FREE), len(words))
        yield words[:end]


def check_cutover(words: list[str]) -> str:
    """Check a command of `cutover`."""
    context = click.Context(group)
    options = {name for parameter in group.params for name in parameter.opts} | {"--help", "-h"}
    command: click.Command | None = None
    for word in words:
        if word.startswith("-") and word.partition("=")[0] not in options:
            return f"has no option {word}"
        if command is None and (found := group.get_command(context, word)):
            command = found
            options |= {name for parameter in command.params for name in parameter.opts}
    if command is None and (names := [word for word in words if re.fullmatch(r"[a-z][a-z-]+", word)]):
        return f"has no command {names[0]}"
    return ""


def check_make(words: list[str]) -> str:
    """Check targets and variables of `make`."""
    for word in words:
        if assigned := ASSIGNMENT.match(word):
            if assigned[1] not in VARIABLES:
                return f"reads no variable {assigned[1]}"
        elif word not in TARGETS:
            return f"has no target {word}"
    return ""


def check_module(words: list[str]) -> str:
    """Check `python -m MODULE`, and the options of the rehearsal."""
    if words[:1] != ["-m"]:
        return ""
    module, rest = words[1], words[2:]
    if importlib.util.find_spec(module) is None:
        return f"has no module {module}"
    is_placeholder = rest[:1] == ["COMMAND"]
    return check_rehearsal(rest) if module == "rehearsal" and rest and not is_placeholder else ""


def check_rehearsal(words: list[str]) -> str:
    """Check a command of the rehearsal with its options."""
    (commands,) = [one for one in _build_parser()._actions if isinstance(one, argparse._SubParsersAction)]
    if words[0] not in commands.choices:
        return f"has no command {words[0]}"
    known = {option for action in commands.choices[words[0]]._actions for option in action.option_strings}
    if words[0] == "exec":
        return ""
    return next((f"has no option {word}" for word in words[1:] if word.startswith("--") and word not in known), "")


def check_tool(words: list[str]) -> str:
    """Check a verb of the tool on the machines with its options."""
    verbs = {
        verb.name: {f"--{one.name}" for one in get_options(verb, [port.name for port in PROFILE.tcp])} for verb in VERBS
    }
    verb = next((word for word in words if re.fullmatch(r"[a-z][a-z-]+", word)), None)
    if verb is None:
        return ""
    if verb not in verbs:
        return f"has no verb {verb}"
    options = (word.strip("[]").partition("=")[0] for word in words if word.strip("[").startswith("--"))
    return next((f"has no option {one}" for one in options if one not in verbs[verb] | {"--help"}), "")


def check_cdk(words: list[str]) -> str:
    """Check the stacks that `npx cdk` deploys or destroys."""
    if words[:1] != ["cdk"] or words[1:2] not in (["deploy"], ["destroy"]):
        return ""
    names = [word for word in words[2:] if word.endswith("Stack")]
    return next((f"has no stack {name}" for name in names if name not in STACKS), "")


CHECKS: dict[str, Check] = {
    "cutover": check_cutover,
    "make": check_make,
    "python": check_module,
    "python3": check_module,
    "cutover-site": check_tool,
    "npx": check_cdk,
}


def find_problems(commands: Iterator[list[str]]) -> list[str]:
    """Return what is wrong with the commands that are ours."""
    problems = []
    for words in commands:
        # Assignments before a command belong to its environment.
        start = next((at for at, word in enumerate(words) if not ASSIGNMENT.match(word)), len(words))
        name, rest = words[start : start + 1], words[start + 1 :]
        check = CHECKS.get(name[0].rpartition("/")[2]) if name else None
        if check and rest and (problem := check(rest)):
            problems.append(f"{' '.join(words)}: {problem}")
    return problems


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_that_a_page_shows_exists_with_its_options(page: Page) -> None:
    assert find_problems(list_commands(page)) == []


def test_the_pages_show_commands_of_each_kind() -> None:
    shown = {words[0].rpartition("/")[2] for page in PAGES for words in list_commands(page) if len(words) > 1}
    assert set(CHECKS) - shown <= {"python3"}


@pytest.mark.parametrize(
    "command",
    [
        "cutover undo",
        "cutover status --follow",
        "make rehearsal",
        "make rehearse SITE=existing",
        "python -m rehearsal launch",
        "python -m rehearsal rehearse --forever",
        "python -m tests.nothing",
        "/opt/cutover/bin/cutover-site fly",
        "cutover-site freeze --softly",
        "npx cdk deploy OtherStack",
    ],
)
def test_an_unknown_command_is_found(command: str) -> None:
    assert len(find_problems(iter([command.split()]))) == 1
