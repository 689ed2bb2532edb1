"""Define where repositories and files are. The database has no paths: owner and name determine them."""

from __future__ import annotations

from pathlib import Path

from ..config.config import Config


def locate_repository(config: Config, owner: str, name: str) -> Path:
    """Return the bare repository's folder. Owner and name are lower-case in it."""
    return config.repositories / owner.lower() / f"{name.lower()}.git"


def locate_wiki(config: Config, owner: str, name: str) -> Path:
    """Return the folder of the wiki's bare repository. It may not exist."""
    return config.repositories / owner.lower() / f"{name.lower()}.wiki.git"


def locate_file(folder: Path, name: str) -> Path:
    """Return the path <first character>/<second>/<name> of an attachment (by its UUID) or an LFS object (by its digest)."""
    return folder / name[0] / name[1] / name
