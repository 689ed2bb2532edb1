"""Print for people (lines that fit the terminal) or for programs (one JSON object on standard output, and nothing else)."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

Row = tuple[str, str]
"""a label and its text"""
UNLIMITED = 10_000
"""columns of an output that is no terminal"""


class Output:
    """Where a command prints. In JSON mode lines are kept, and the object that `finish` prints has them as `messages`."""

    def __init__(self, *, as_json: bool = False, console: Console | None = None) -> None:
        self.as_json = as_json
        self.console = console or _create_console()
        self._messages: list[str] = []

    @property
    def is_live(self) -> bool:
        """Return whether the output may be drawn again: a terminal, and not JSON."""
        return self.console.is_terminal and not self.as_json

    def print_line(self, line: str) -> None:
        """Print a line; in a terminal it is wrapped between words. In JSON mode it becomes one of the messages."""
        if self.as_json:
            self._messages.append(line)
        else:
            self.console.print(Text(line))
            self.console.file.flush()

    def print(self, renderable: RenderableType) -> None:
        """Print a table or a text for people. Nothing in JSON mode."""
        if self.as_json:
            return
        if self.console.is_terminal:
            self.console.print(renderable)
            return
        with self.console.capture() as captured:
            self.console.print(renderable)
        for line in captured.get().splitlines():
            self.console.print(Text(line.rstrip()))

    def finish(self, result: Mapping[str, Any], *, ok: bool = True) -> None:
        """Print the result of the command as one JSON object. Nothing for people, who have read it already."""
        if self.as_json:
            messages = {"messages": self._messages} if self._messages else {}
            print(json.dumps({"ok": ok, **messages, **result}, ensure_ascii=False, default=str), flush=True)


def _create_console() -> Console:
    """Return the console of standard output. A file or a pipe has no width: programs read its lines, so none is wrapped."""
    width = None if sys.stdout.isatty() else UNLIMITED
    return Console(highlight=False, emoji=False, markup=False, width=width)


def build_fields(rows: Sequence[Row]) -> RenderableType:
    """Return labels and texts in two columns that fit the terminal: a text that is too long goes on below itself."""
    table = Table.grid(padding=(0, 2), pad_edge=False)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold", ratio=1)
    for label, text in rows:
        table.add_row(Text(label, style="bold"), Text(text))
    return table


def build_list(title: str, lines: Sequence[str]) -> list[RenderableType]:
    """Return a title and indented lines below it; nothing without lines."""
    if not lines:
        return []
    return [Text(title, style="bold"), *(Padding(Text(line), (0, 0, 0, 2)) for line in lines)]
