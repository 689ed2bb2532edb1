"""Where a repository and its wiki lie. No path is in the database: owner and name give it."""

from __future__ import annotations

from pathlib import Path

from ..config.config import Config


def repository(config: Config, owner: str, name: str) -> Path:
    return config.repositories / owner.lower() / f"{name.lower()}.git"


def wiki(config: Config, owner: str, name: str) -> Path:
    return config.repositories / owner.lower() / f"{name.lower()}.wiki.git"


def by_uuid(folder: Path, uuid: str) -> Path:
    """Attachments and LFS objects: <first character>/<second>/<name>."""
    return folder / uuid[0] / uuid[1] / uuid
