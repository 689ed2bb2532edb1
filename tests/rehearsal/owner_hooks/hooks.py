"""One hook at each point of a run, on each kind of machine, and one that is a function."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from typing import Any

from rehearsal.job.rehearse import Job
from rehearsal.world import enter

PROGRAM = "/usr/local/sbin/rehearsed-hook"
FAILS = "/etc/rehearsed-hook-fails"
"""while this file is on a machine, its hook in the window fails"""
REASON = "users are still in the shop"
SCRIPT = f"""#!/bin/sh
input=$(cat)
case "$input" in
*'"point": "after-freeze"'*) if [ -e {FAILS} ]; then echo "{REASON}"; exit 3; fi ;;
esac
echo "$input" | sed 's/.*"point": "\\([a-z-]*\\)".*"roles": \\["\\([a-z-]*\\)".*/\\1 on \\2/'
echo "ran as $(id -un)"
"""
PLACES = {
    "before-test": "source-database",
    "after-acceptance": "target",
    "before-freeze": "replica",
    "after-freeze": "source-app",
    "before-commit": "target",
    "on-rollback": "source-app",
}
FUNCTION = "rehearsed-hook"
FUNCTION_POINT = "after-commit"
CODE = "def handler(event, context):\n    return {'ok': True, 'message': 'announced ' + event['run']}\n"
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"},
    ],
}


def install(job: Job) -> None:
    """Put the program on the source's machines, create the function, and name both in the world's migration.toml.

    Call it before the first launch.
    """
    for machine in ("source-app", "source-database"):
        run_on(job, machine, "tee", PROGRAM, text=SCRIPT)
        run_on(job, machine, "chmod", "755", PROGRAM)
    file = job.settings.home / "migration.toml"
    file.write_text(file.read_text() + format_tables(_create_function(job)))


def format_tables(function_arn: str) -> str:
    """Return the tables of migration.toml."""
    on_machines: list[dict[str, str | int]] = [
        {"point": point, "machine": machine, "command": PROGRAM, "seconds": 3} for point, machine in PLACES.items()
    ]
    hooks: list[dict[str, str | int]] = [
        *on_machines,
        {"point": FUNCTION_POINT, "function": function_arn, "seconds": 10},
    ]
    return "".join(_format_table({"name": f"rehearsed-{hook['point']}", **hook}) for hook in hooks)


def _format_table(values: Mapping[str, str | int]) -> str:
    lines = [f"{key} = {json.dumps(value)}" for key, value in values.items()]
    return "\n".join(["", "[[hooks]]", *lines, ""])


def run_on(job: Job, machine: str, *command: str, text: str | None = None) -> str:
    """Run a command on a machine. Return its output."""
    done = enter.run(job.settings, machine, command, input=text, timeout=60)
    assert done.exit_code == 0, done.stderr
    return done.stdout


def _create_function(job: Job) -> str:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("index.py", CODE)
    role = job.aws.make_client("iam").create_role(RoleName=FUNCTION, AssumeRolePolicyDocument=json.dumps(TRUST))
    made: dict[str, Any] = job.aws.make_client("lambda").create_function(
        FunctionName=FUNCTION,
        Runtime="python3.13",
        Handler="index.handler",
        Role=role["Role"]["Arn"],
        Code={"ZipFile": packed.getvalue()},
    )
    return str(made["FunctionArn"])
