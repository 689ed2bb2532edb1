"""How a setting says which key of app.ini it is, what it is without it, and how it is read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Directories:
    """What a path may be relative to: Gogs's work directory, or where the process was started."""

    work: Path
    process: Path


Read = Callable[[str, Directories], Any]


@dataclass(frozen=True)
class Key:
    section: str
    name: str
    default: str
    read: Read


def key(section: str, name: str, default: str = "", read: Read = lambda text, _: text, *, secret: bool = False) -> Any:
    """A field of a dataclass of settings. `default` is written as in app.ini; a secret is in no repr."""
    return field(repr=not secret, metadata={"key": Key(section, name, default, read)})


def number(text: str, _: Directories) -> int:
    return int(text)


def yes(text: str, _: Directories) -> bool:
    return text.lower() in ("true", "yes", "on", "y", "t", "1")


def path(text: str, directories: Directories) -> Path:
    return directories.work / text


def path_of_process(text: str, directories: Directories) -> Path:
    return directories.process / text


def address(text: str, _: Directories) -> str:
    """With a final slash."""
    return text.rstrip("/") + "/"


def words(separator: str) -> Read:
    def read(text: str, _: Directories) -> tuple[str, ...]:
        return tuple(word.strip() for word in text.split(separator) if word.strip())

    return read
