"""The commands of the runbook are valid: bash can read them, and AWS has each operation with its options."""

from __future__ import annotations

import re
import subprocess

import botocore.session
import pytest
from botocore import xform_name

from tests.rehearsal.scenarios.runbook import BLOCK, PAGE, read_blocks

GLOBAL = {"output", "query"}
COMMAND = re.compile(r"\baws ([a-z0-9]+) (wait )?([a-z-]+)((?:\\\n|[^\n|;])*)")
BLOCKS = BLOCK.findall(PAGE.read_text())
COMMANDS = sorted({found for block in BLOCKS for found in COMMAND.findall(block)})


def test_the_runbook_has_commands() -> None:
    assert len(COMMANDS) > 20


@pytest.mark.parametrize("block", BLOCKS, ids=[block.splitlines()[0][:40] for block in BLOCKS])
def test_bash_can_read_each_block(block: str) -> None:
    done = subprocess.run(["bash", "-n"], input=block, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(("service", "wait", "name", "rest"), COMMANDS, ids=[" ".join(one[:3]) for one in COMMANDS])
def test_aws_has_each_operation_with_its_options(service: str, wait: str, name: str, rest: str) -> None:
    session = botocore.session.get_session()
    model = session.get_service_model(service)
    by_name = {xform_name(one, "-"): one for one in model.operation_names}
    operation = name
    if wait:
        waiters = session.get_waiter_model(service)
        (waiter,) = [one for one in waiters.waiter_names if xform_name(one, "-") == name]
        operation = xform_name(waiters.get_waiter(waiter).operation, "-")
    shape = model.operation_model(by_name[operation]).input_shape
    assert shape is not None
    known = {xform_name(member, "-"): member for member in shape.members}
    # The first command ends where the text of the next begins, as in $(aws …).
    given = {one.removeprefix("no-") for one in re.findall(r"(?<=\s)--([a-z-]+)", rest.partition("$(aws")[0])} - GLOBAL
    assert given - known.keys() == set()
    assert {xform_name(one, "-") for one in shape.required_members} - given == set()


def test_a_block_is_found_by_its_heading() -> None:
    page = "## One\n\ntext\n\n```bash\n# no heading\na\n```\n\n```bash\nb\n```\n\n### Two\n\n```bash\nc\n```\n"
    assert read_blocks("One", page) == ["# no heading\na\n", "b\n"]
    assert read_blocks("Two", page) == ["c\n"]
    with pytest.raises(AssertionError, match="no heading 'Three'"):
        read_blocks("Three", page)
