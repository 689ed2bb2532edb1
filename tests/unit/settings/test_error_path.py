"""What a user sees for a wrong setting: one line, and nothing of the CDK, which is not started."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]


def test_an_invalid_setting_ends_with_one_line_before_the_cdk_starts(tmp_path: Path) -> None:
    # Given a file with a wrong value, and a machine on which no Node.js can be started
    path = tmp_path / "site.toml"
    text = (ROOT / "migration.toml").read_text().replace('"us-east-1"', '"Virginia"')
    path.write_text(text)
    line = text[: text.index("Virginia")].count("\n") + 1
    environment = {**os.environ, "CUTOVER_CONFIG": str(path), "JSII_NODE": "/nowhere/node", "PATH": "/nowhere"}

    # When the app is started as the CDK CLI starts it
    ended = subprocess.run(
        [sys.executable, "app.py"], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )

    # Then standard error is the sentence alone
    assert ended.returncode == 2
    assert ended.stdout == ""
    assert ended.stderr.splitlines() == [f"error: {path}:{line}: aws.region: expected a region of AWS such as us-east-1, us-gov-west-1 or cn-north-1, not 'Virginia'"]  # fmt: skip


def test_the_setup_installs_a_supported_node_that_npx_finds_first() -> None:
    """npx puts node_modules/.bin first on the PATH, so the CDK CLI and jsii start this one. Releases end in April of their third year."""
    node = ROOT / "node_modules/.bin/node"
    assert node.exists(), "run `make setup`"
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout
    assert int(version.removeprefix("v").split(".")[0]) in (22, 24)
