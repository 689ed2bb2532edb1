"""A terminal of a given width, and what was printed on it."""

from __future__ import annotations

import io

from rich.console import Console

from operate.output import Output


def create_terminal(width: int, *, height: int = 200, color: bool = False) -> Output:
    """Return the output of a terminal with this many columns and lines."""
    console = Console(
        file=io.StringIO(), width=width, height=height, force_terminal=True, color_system="standard" if color else None,
        highlight=False, emoji=False, markup=False,
    )  # fmt: skip
    return Output(console=console)


def read_screen(output: Output) -> list[str]:
    """Return the lines that were printed."""
    printed = output.console.file
    assert isinstance(printed, io.StringIO)
    return printed.getvalue().splitlines()
