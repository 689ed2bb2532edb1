"""Every ref and every object of every repository and wiki."""

from __future__ import annotations

import subprocess
from pathlib import Path

from rehearsal.job.comparison.result import Comparison

GIT = ["git", "-c", "safe.directory=*"]
MAX_REPORTED = 5
"""objects that a finding names; the rest is counted"""


class _GitFailed(Exception):
    pass


def compare_repositories(source: Path, target: Path, result: Comparison) -> None:
    """Check that the target has each ref with the same object or a descendant, and each object, and that `git fsck --full` finds no error."""
    found = sorted(source.glob("*/*.git"))
    if not found:
        result.findings.append(f"there is no repository below {source}: nothing could be compared")
    for repository in found:
        result.repositories += 1
        name = str(repository.relative_to(source))
        twin = target / name
        if not twin.is_dir():
            result.findings.append(f"repository {name}")
            continue
        try:
            _compare_refs(repository, twin, name, result)
            _compare_objects(repository, twin, name, result)
            _run_git(twin, "fsck", "--full", "--no-dangling", "--no-progress")
        except _GitFailed as failed:
            result.findings.append(f"repository {name}: {failed}")


def _compare_refs(repository: Path, twin: Path, name: str, result: Comparison) -> None:
    here, there = _read_refs(repository), _read_refs(twin)
    result.refs += len(here)
    for ref, wanted in here.items():
        if ref not in there:
            result.findings.append(f"{ref} ({wanted}) of repository {name}")
        elif there[ref] == wanted:
            continue
        elif _is_descendant(twin, wanted, there[ref]):
            result.add_newer("refs that moved on")
        else:
            result.findings.append(f"{ref} of repository {name} is {there[ref]}, which does not follow {wanted}")
    result.add_newer("new refs", len(there.keys() - here.keys()))


def _compare_objects(repository: Path, twin: Path, name: str, result: Comparison) -> None:
    here, there = _list_objects(repository), _list_objects(twin)
    result.objects += len(here)
    lost = sorted(here - there)
    if lost:
        result.findings.append(f"{len(lost)} objects of repository {name}: {', '.join(lost[:MAX_REPORTED])}")


def _read_refs(repository: Path) -> dict[str, str]:
    lines = _run_git(repository, "for-each-ref", "--format=%(refname) %(objectname)").splitlines()
    return dict(line.rsplit(" ", 1) for line in lines)


def _list_objects(repository: Path) -> set[str]:
    """Return all objects of a repository: also unreachable ones, loose or packed, and those of a repository from which it borrows."""
    return set(
        _run_git(
            repository, "cat-file", "--batch-all-objects", "--unordered", "--batch-check=%(objectname)"
        ).splitlines()
    )


def _is_descendant(repository: Path, old: str, new: str) -> bool:
    done = subprocess.run(
        [*GIT, "merge-base", "--is-ancestor", old, new], cwd=repository, capture_output=True, check=False
    )
    return done.returncode == 0


def _run_git(repository: Path, *arguments: str) -> str:
    """Return the output of a Git command. Raises _GitFailed."""
    done = subprocess.run([*GIT, *arguments], cwd=repository, capture_output=True, text=True, check=False)
    if done.returncode:
        output = (done.stderr.strip() or done.stdout.strip())[:200]
        raise _GitFailed(f"`git {arguments[0]}` failed for {repository}: {output}")
    return done.stdout
