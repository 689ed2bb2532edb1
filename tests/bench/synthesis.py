"""`python app.py`, compared with an app of six stacks that have one resource each.

Both sides run on the Node.js and with the context that the CDK CLI would give them, and write into an empty folder. The
dependencies of the functions are installed before: only the first synthesis after a change of their lock file installs them. Python and Node.js wait for each other thousands of times, so other
load on the machine lengthens the wall time of our side more. The CPU seconds do not depend on it as much.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path

from tests.bench.rounds import Comparison, time_work

ROOT = Path(__file__).parents[2]
ROUNDS = 5
EMPTY_APP = """
from aws_cdk import App, CfnWaitConditionHandle, Stack

app = App()
for name in ("SourceStack", "DataStack", "ServersStack", "ReplicationStack", "TestLaunchStack", "MigrationStack"):
    CfnWaitConditionHandle(Stack(app, name), "Handle")
app.synth()
"""
"""A template needs a resource, else the CDK's validation refuses it. A wait handle is the smallest one."""


def run_benchmark() -> list[Comparison]:
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        empty = folder / "empty.py"
        empty.write_text(EMPTY_APP)
        sides = (ROOT / "app.py", empty)
        for script in sides:
            synthesize(script, folder)  # now the caches of Python, of jsii and of the dependencies are filled
        names = ("python app.py", "six stacks of one resource")
        wall, processor = (Comparison(f"synthesis of the app, {what}", *names, aim="1.8") for what in ("wall", "CPU"))
        for _ in range(ROUNDS):
            for script, walls, processors in (
                (sides[0], wall.ours_seconds, processor.ours_seconds),
                (sides[1], wall.theirs_seconds, processor.theirs_seconds),
            ):
                before = _read_processor_seconds()
                walls.append(time_work(partial(synthesize, script, folder)))
                processors.append(_read_processor_seconds() - before)
        return [wall, processor]


def _read_processor_seconds() -> float:
    """Return the processor seconds of all ended child processes and of theirs."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def synthesize(script: Path, folder: Path) -> None:
    """Run an app as the CDK CLI does, and require that it writes six stacks."""
    with tempfile.TemporaryDirectory(dir=folder) as output:
        context = json.loads((ROOT / "cdk.json").read_text())["context"]
        variables = {
            "CDK_OUTDIR": output,
            "CDK_CONTEXT_JSON": json.dumps(context),
            "JSII_NODE": str(ROOT / "node_modules/.bin/node"),
        }
        inherited = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        subprocess.run(
            [sys.executable, str(script)],
            cwd=ROOT,
            env={**inherited, **variables},
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        written = {path.name.partition(".")[0] for path in Path(output).glob("*Stack.template.json")}
        assert len(written) == 6, written
