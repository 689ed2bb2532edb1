"""Record the output of a command, each line with the time at which it came."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

COLUMNS = 110


@dataclass(frozen=True)
class Line:
    """One line of output. `time` in seconds since the first line."""

    time: float
    text: str


def record(command: Sequence[str], path: Path, *, root: Path) -> int:
    """Run the command, show its output and write it to the file. Return the exit code."""
    environment = {**os.environ, "COLUMNS": str(COLUMNS), "PYTHONUNBUFFERED": "1"}
    path.parent.mkdir(parents=True, exist_ok=True)
    with (
        path.open("w", encoding="utf-8") as file,
        subprocess.Popen(command, cwd=root, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process,
    ):  # fmt: skip
        assert process.stdout
        for line in process.stdout:
            print(line, end="", flush=True)
            file.write(f"{time.time():.3f}\t{line}")
            file.flush()
        return process.wait()


def read_lines(path: Path) -> list[Line]:
    """Return the lines of a file that `record` wrote."""
    raw = [line.partition("\t") for line in path.read_text(encoding="utf-8").splitlines()]
    return [Line(float(moment) - float(raw[0][0]), text.rstrip()) for moment, _, text in raw]
