"""One local AWS for the tests of this folder, with a small site that the real CDK CLI deployed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from rehearsal.cleanup import list_leftovers
from rehearsal.components import list_components
from rehearsal.environment import build_environment
from rehearsal.settings import Settings
from rehearsal.supervise import start_world, stop_world
from tests.rehearsal.aws.site.deployed import Site
from tests.rehearsal.ports import find_free_ports

ROOT = Path(__file__).parents[3]
APP = Path(__file__).parent / "site"


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """Start a world with only the local AWS, and remove it afterwards."""
    settings = Settings.load(
        {
            **{key: value for key, value in os.environ.items() if key == "REHEARSAL_CACHE"},
            "REHEARSAL_PORT": str(find_free_ports()),
            "REHEARSAL_HOME": str(tmp_path_factory.mktemp("aws")),
        }
    )

    def list_only_aws(of: Settings) -> list[object]:
        return [component for component in list_components(of) if component.name == "aws"]

    try:
        start_world(settings, lambda _: None, list_only_aws)  # type: ignore[arg-type]
        yield settings
    finally:
        stop_world(settings, lambda _: None, list_only_aws)  # type: ignore[arg-type]
    assert list_leftovers(settings) == []


@pytest.fixture(scope="session")
def site(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Site:
    """Deploy both stacks."""
    outputs = tmp_path_factory.mktemp("outputs") / "outputs.json"
    run_cdk(settings, "synth", "--quiet")
    run_cdk(settings, "bootstrap")
    run_cdk(settings, "deploy", "--all", "--require-approval", "never", "--outputs-file", str(outputs))
    return Site(settings, {k: v for stack in json.loads(outputs.read_text()).values() for k, v in stack.items()})


def run_cdk(settings: Settings, *arguments: str, check: bool = True) -> str:
    """Run the CDK CLI on the site, which `synth` or `-c` has synthesized, and return its output."""
    made = str(settings.state / "cdk.out")
    app = (
        [made] if "-c" not in arguments and "synth" not in arguments else [f"{sys.executable} app.py", "--output", made]
    )
    done = subprocess.run(
        [
            str(ROOT / "node_modules/.bin/cdk"),
            "--app",
            *app,
            *arguments,
        ],
        cwd=APP,
        env={**os.environ, **build_environment(settings)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=600,
    )
    if check and done.returncode:
        pytest.fail(f"cdk {arguments[0]} failed:\n{done.stdout[-4000:]}")
    return done.stdout
