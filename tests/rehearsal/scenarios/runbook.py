"""The commands of docs/runbook.md, run as an operator runs them: one after the other in one shell, with the AWS CLI."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

ROOT = Path(__file__).parents[3]
PAGE = ROOT / "docs/runbook.md"
AWS_CLI = ROOT / ".venv/aws-cli/bin"
"""`make scenarios` installs it there"""
BLOCK = re.compile(r"^```bash\n(.*?)^```$", re.MULTILINE | re.DOTALL)
END = "the block is done"
ENDPOINT = 'aws() { command aws --endpoint-url "$AWS_ENDPOINT_URL" "$@"; }'
"""version 1 of the AWS CLI ignores the variable for some services (findings/awscli-endpoint-of-the-environment.sh)"""


def read_blocks(heading: str, text: str | None = None) -> list[str]:
    """Return the blocks of bash between this heading and the next one of any level.

    Raises AssertionError when there is none.
    """
    page = PAGE.read_text() if text is None else text
    section = re.search(
        rf"^#+ {re.escape(heading)}\n(.*?)(?=^#+ |\Z)", re.sub(BLOCK, _hide, page), re.MULTILINE | re.DOTALL
    )
    assert section, f"the runbook has no heading {heading!r}"
    found = [_show(block) for block in BLOCK.findall(section[1])]
    assert found, f"the runbook has no commands below {heading!r}"
    return found


def _hide(block: re.Match[str]) -> str:
    """Hide the comments of bash, which look like headings."""
    return re.sub(r"^#", "\0", block[0], flags=re.MULTILINE)


def _show(block: str) -> str:
    return block.replace("\0", "#")


class Shell:
    """One bash. Use it as a context manager.

    A block that fails raises AssertionError with its errors, and ends the shell.
    """

    def __init__(self, environment: Mapping[str, str], log: Path) -> None:
        assert (AWS_CLI / "aws").exists(), "the AWS CLI is missing: run `make scenarios`, which installs it"
        self._environment = {**environment, "PATH": f"{AWS_CLI}:{environment['PATH']}", "AWS_PAGER": ""}
        self._log = log

    def __enter__(self) -> Self:
        self._errors = self._log.open("w+")
        self._bash = subprocess.Popen(
            ["bash"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
            env=self._environment,
        )
        self.run_text(ENDPOINT, "the endpoint")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._bash.stdin
        self._bash.stdin.close()
        if error is not None:
            self._bash.kill()
        self._bash.wait()
        assert self._bash.stdout
        self._bash.stdout.close()
        self._errors.close()

    def run(self, heading: str, number: int = 0) -> list[str]:
        """Run a block below a heading of the runbook. Return the lines of its output."""
        return self.run_text(read_blocks(heading)[number], heading)

    def run_text(self, text: str, what: str) -> list[str]:
        """Run commands. Return the lines of their output."""
        assert self._bash.stdin
        assert self._bash.stdout
        self._bash.stdin.write(f"{{\n{text}\n}} </dev/null\necho {END!r}\n")
        self._bash.stdin.flush()
        lines: list[str] = []
        for line in self._bash.stdout:
            if line.rstrip("\n") == END:
                return lines
            lines.append(line.rstrip("\n"))
        raise AssertionError(f"{what!r} failed: {self._log.read_text()[-1500:]}")
