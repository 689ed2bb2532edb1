"""The project's Markdown pages as data: headings, links, code spans and tables."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

ROOT = Path(__file__).parents[3]
NOT_OURS = {"node_modules", "cdk.out"}
PARSER = MarkdownIt("commonmark").enable("table")


@dataclass(frozen=True)
class Cell:
    """One cell of a table."""

    text: str
    """the Markdown source of the cell"""
    spans: tuple[str, ...]
    """the code spans of the cell"""


Row = tuple[Cell, ...]


@dataclass(frozen=True)
class Page:
    path: Path

    @property
    def tokens(self) -> list[Token]:
        return parse_page(self.path)

    @property
    def name(self) -> str:
        return str(self.path.relative_to(ROOT))

    def links(self) -> list[str]:
        """Return the target of each link and image."""
        found = [token.attrGet("href") or token.attrGet("src") for token in iterate_inline(self.tokens)]
        return [str(target) for target in found if target]

    def spans(self) -> list[str]:
        """Return each code span."""
        return [token.content for token in iterate_inline(self.tokens) if token.type == "code_inline"]

    def blocks(self) -> list[str]:
        """Return the text of each code block."""
        return [token.content for token in self.tokens if token.type in ("fence", "code_block")]

    def emphases(self) -> list[str]:
        """Return each text that is set in italics."""
        found = []
        for block in self.tokens:
            inside: list[str] | None = None
            for token in block.children or ():
                if token.type == "em_open":
                    inside = []
                elif token.type == "em_close" and inside is not None:
                    found.append("".join(inside))
                    inside = None
                elif inside is not None:
                    inside.append(token.content or " ")
        return found

    def anchors(self) -> set[str]:
        """Return the anchor of each heading in the form that forges generate."""
        return {make_anchor(title) for title in self.headings()}

    def headings(self) -> list[str]:
        tokens = self.tokens
        return [after.content for token, after in pairwise(tokens) if token.type == "heading_open"]

    def table(self, heading: str) -> list[Row]:
        """Return the body of the first table below `heading`. Raises LookupError when there is none."""
        tokens = self.tokens
        start = next(
            (at for at, token in enumerate(tokens) if token.type == "inline" and token.content == heading and at
             and tokens[at - 1].type == "heading_open"), None,
        )  # fmt: skip
        if start is None:
            raise LookupError(f"{self.name} has no heading {heading!r}")
        rows: list[Row] = []
        cells: list[Cell] = []
        body = False
        for token in tokens[start + 1 :]:
            if token.type == "heading_open" or token.type == "table_close":
                break
            body = body or token.type == "tbody_open"
            if body and token.type == "tr_open":
                cells = []
            elif body and token.type == "inline":
                spans = tuple(child.content for child in token.children or () if child.type == "code_inline")
                cells.append(Cell(token.content, spans))
            elif body and token.type == "tr_close":
                rows.append(tuple(cells))
        if not rows:
            raise LookupError(f"{self.name} has no table below {heading!r}")
        return rows


def pages() -> list[Page]:
    """Return every Markdown page of the project, in the order of its path."""
    found = [path for path in ROOT.rglob("*.md") if not any(is_skipped(part) for part in path.relative_to(ROOT).parts)]
    return [Page(path) for path in sorted(found)]


def page(name: str) -> Page:
    return Page(ROOT / name)


@cache
def parse_page(path: Path) -> list[Token]:
    return PARSER.parse(path.read_text(encoding="utf-8"))


def is_skipped(part: str) -> bool:
    return part in NOT_OURS or part.startswith(".")


def iterate_inline(tokens: list[Token]) -> Iterator[Token]:
    for token in tokens:
        yield from token.children or ()


def make_anchor(title: str) -> str:
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")
