"""The options that app.py gives to the CDK's Node.js: they save processor time, and the user's own settings win."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from app import NODE, NODE_OPTIONS, configure_node


@pytest.fixture
def node(tmp_path: Path) -> Path:
    path = tmp_path / "node"
    path.touch()
    return path


def test_the_installed_node_runs_with_the_options(node: Path) -> None:
    environment: dict[str, str] = {}
    configure_node(environment, node=node)
    assert environment == {"JSII_NODE": str(node), "NODE_OPTIONS": NODE_OPTIONS}


def test_options_of_the_user_come_last_so_that_they_win(node: Path) -> None:
    environment = {"NODE_OPTIONS": "--v8-pool-size=4"}
    configure_node(environment, node=node)
    assert environment["NODE_OPTIONS"] == f"{NODE_OPTIONS} --v8-pool-size=4"


@pytest.mark.parametrize("environment", [{}, {"JSII_NODE": "/opt/node18/bin/node"}], ids=["none", "other"])
def test_a_node_that_may_not_know_the_options_does_not_get_them(tmp_path: Path, environment: dict[str, str]) -> None:
    given = dict(environment)
    if environment:
        (tmp_path / "node").touch()
    configure_node(environment, node=tmp_path / "node")
    assert environment == given


def test_the_supported_node_starts_with_the_options_and_one_helper_thread() -> None:
    assert NODE.exists(), "run `make setup`"

    def count_threads(options: str) -> int:
        script = "console.log(require('fs').readdirSync('/proc/self/task').length)"
        environment = {**os.environ, "NODE_OPTIONS": options}
        ended = subprocess.run([NODE, "-e", script], env=environment, capture_output=True, text=True, check=True)
        return int(ended.stdout)

    assert count_threads(NODE_OPTIONS) == count_threads("--v8-pool-size=4") - 3
