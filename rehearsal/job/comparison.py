"""Compares source and target from outside, with nothing of the product's own verification: rows, refs, objects, files.

The source is frozen by then; the target goes on working. So what must hold is: everything that the source has is on the
target. That both were equal at the moment of the switch is the product's own proof (its evidence).
"""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

GIT = ["git", "-c", "safe.directory=*"]
FILE_FOLDERS = ("attachments", "avatars", "repo-avatars", "lfs-objects")

Query = Callable[[str], list[str]]
"""Runs one SQL statement on one side and returns its rows as lines."""


@dataclass
class Comparison:
    """What was compared, as counts, and one sentence for everything that the target lacks."""

    tables: int = 0
    rows: int = 0
    repositories: int = 0
    refs: int = 0
    files: dict[str, int] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)


def compare_rows(source: Query, target: Query, schema: str, result: Comparison) -> None:
    """Every primary key of every table of the source must exist on the target."""
    keys: dict[str, list[str]] = {}
    for line in source(
        "SELECT table_name, column_name FROM information_schema.key_column_usage"
        f" WHERE table_schema = '{schema}' AND constraint_name = 'PRIMARY' ORDER BY table_name, ordinal_position"
    ):
        table, column = line.split("\t")
        keys.setdefault(table, []).append(column)
    tables = source(f"SELECT table_name FROM information_schema.tables WHERE table_schema = '{schema}'")
    for table in tables:
        result.tables += 1
        if table not in keys:
            result.missing.append(f"table {table} has no primary key, its rows could not be compared")
            continue
        columns = ", ".join(f"`{column}`" for column in keys[table])
        statement = f"SELECT {columns} FROM `{schema}`.`{table}`"
        here, there = set(source(statement)), set(target(statement))
        result.rows += len(here)
        result.missing += [f"row {key!r} of table {table}" for key in sorted(here - there)]


def compare_repositories(source: Path, target: Path, result: Comparison) -> None:
    """Every ref's object of every repository and wiki exists on the target, and `git fsck` is content with the target."""
    for repository in sorted(source.glob("*/*.git")):
        result.repositories += 1
        name = str(repository.relative_to(source))
        twin = target / name
        if not twin.is_dir():
            result.missing.append(f"repository {name}")
            continue
        for line in _git(repository, "for-each-ref", "--format=%(objectname) %(refname)").splitlines():
            result.refs += 1
            commit, ref = line.split(" ", 1)
            if subprocess.run([*GIT, "cat-file", "-e", commit], cwd=twin, capture_output=True, check=False).returncode:
                result.missing.append(f"{ref} ({commit}) of repository {name}")
        checked = subprocess.run(
            [*GIT, "fsck", "--connectivity-only", "--no-dangling"],
            cwd=twin,
            capture_output=True,
            text=True,
            check=False,
        )
        if checked.returncode:
            result.missing.append(f"repository {name} is damaged on the target: {checked.stderr.strip()[:200]}")


def compare_files(source: Path, target: Path, result: Comparison) -> None:
    """Every attachment, avatar and LFS object of the source, by digest."""
    for folder in FILE_FOLDERS:
        files = [path for path in (source / folder).rglob("*") if path.is_file()]
        result.files[folder] = len(files)
        for path in files:
            twin = target / path.relative_to(source)
            if not twin.is_file() or _digest(path) != _digest(twin):
                result.missing.append(f"file {path.relative_to(source)}")


def _git(repository: Path, *arguments: str) -> str:
    return subprocess.run([*GIT, *arguments], cwd=repository, capture_output=True, text=True, check=True).stdout


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
