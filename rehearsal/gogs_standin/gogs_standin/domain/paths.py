"""Where a repository and its wiki lie. No path is in the database: owner and name give it."""

from __future__ import annotations

from pathlib import Path

from ..config.config import Config


def repository(config: Config, owner: str, name: str) -> Path:
    return config.repositories / owner.lower() / f"{name.lower()}.git"


def wiki(config: Config, owner: str, name: str) -> Path:
    return config.repositories / owner.lower() / f"{name.lower()}.wiki.git"


def file(folder: Path, name: str) -> Path:
    """Of an attachment (named by its UUID) or an LFS object (by its digest): <first character>/<second>/<name>."""
    return folder / name[0] / name[1] / name
