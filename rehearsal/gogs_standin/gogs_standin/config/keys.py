"""Declare settings: the key of app.ini, the default, and the function that parses the text."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Directories:
    """The folders that a path may be relative to: Gogs's work directory, or the one in which the process was started."""

    work: Path
    process: Path


Read = Callable[[str, Directories], Any]


@dataclass(frozen=True)
class Key:
    section: str
    name: str
    default: str
    read: Read


def declare_key(
    section: str, name: str, default: str = "", read: Read = lambda text, _: text, *, secret: bool = False
) -> Any:
    """Declare a setting as a dataclass field. `default` is written as in app.ini; a secret is in no repr."""
    return field(repr=not secret, metadata={"key": Key(section, name, default, read)})


def parse_number(text: str, _: Directories) -> int:
    """Parse an integer. Raises ValueError."""
    return int(text)


def parse_truth(text: str, _: Directories) -> bool:
    """Parse a truth value, case-insensitive. Unknown text is false."""
    return text.lower() in ("true", "yes", "on", "y", "t", "1")


def parse_path(text: str, directories: Directories) -> Path:
    """Return the path, which may be relative to Gogs's work directory."""
    return directories.work / text


def parse_path_of_process(text: str, directories: Directories) -> Path:
    """Return the path, which may be relative to the directory in which the process was started."""
    return directories.process / text


def parse_address(text: str, _: Directories) -> str:
    """Return the URL with a final slash."""
    return text.rstrip("/") + "/"


def make_word_parser(separator: str) -> Read:
    """Return a parser for a list with this separator. It drops empty words."""

    def read(text: str, _: Directories) -> tuple[str, ...]:
        return tuple(word.strip() for word in text.split(separator) if word.strip())

    return read
