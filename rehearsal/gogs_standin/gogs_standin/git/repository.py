"""Read one bare repository."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .command import GitError, run_git, run_git_text

_FORMAT = "%H%x00%T%x00%P%x00%an%x00%ae%x00%at%x00%cn%x00%ce%x00%ct%x00%B%x00%x00"


@dataclass(frozen=True)
class Signature:
    name: str
    email: str
    seconds: int


@dataclass(frozen=True)
class Commit:
    id: str
    tree: str
    parents: tuple[str, ...]
    author: Signature
    committer: Signature
    message: str
    """with its final newline"""

    @property
    def summary(self) -> str:
        return self.message.strip().split("\n")[0]


@dataclass(frozen=True)
class Entry:
    mode: str
    kind: str
    id: str
    path: str
    size: int

    @property
    def name(self) -> str:
        return self.path.rsplit("/", 1)[-1]


class Repository:
    """One bare repository. Its methods raise GitError.

    Names from outside must go through `resolve` before another git command gets them.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def resolve(self, revision: str) -> str | None:
        """Return the commit's id, or None when the revision names none."""
        if not re.fullmatch(r"[\w./@^~#+-]+", revision) or revision.startswith("-"):
            return None
        try:
            return run_git_text(
                "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}", cwd=self.path
            ).strip()
        except GitError:
            return None

    def read_refs(self, prefix: str) -> dict[str, str]:
        """Return ids by short name, below refs/heads or refs/tags."""
        lines = run_git_text("for-each-ref", "--format=%(refname) %(objectname)", prefix, cwd=self.path).splitlines()
        return {ref.removeprefix(prefix + "/"): number for ref, number in (line.rsplit(" ", 1) for line in lines)}

    def commit(self, number: str) -> Commit:
        return next(self.log(number, "--max-count=1"))

    def log(self, *arguments: str) -> Iterator[Commit]:
        """Yield commits, newest first. `arguments` are those of git log."""
        for record in run_git_text("log", f"--format=tformat:{_FORMAT}", *arguments, cwd=self.path).split("\0\0\n"):
            if record:
                fields = record.split("\0")
                yield Commit(
                    id=fields[0],
                    tree=fields[1],
                    parents=tuple(fields[2].split()),
                    author=Signature(fields[3], fields[4], int(fields[5])),
                    committer=Signature(fields[6], fields[7], int(fields[8])),
                    message=fields[9].rstrip("\n") + "\n",
                )

    def is_lacking(self, number: str, older: str) -> bool:
        """Return whether `older` has a commit that is no ancestor of `number`. Raises GitError for an id that is no commit."""
        return bool(run_git_text("rev-list", "--max-count=1", older, f"^{number}", cwd=self.path).strip())

    def count(self, number: str) -> int:
        return int(run_git_text("rev-list", "--count", number, cwd=self.path))

    def list_entries(self, number: str, folder: str = "") -> list[Entry]:
        """Return the entries of a folder of the commit's tree."""
        return list(self._list_tree(f"{number}:{folder}" if folder else number, f"{folder}/" if folder else ""))

    def find_entry(self, number: str, path: str) -> Entry | None:
        folder, _, name = path.rpartition("/")
        try:
            return next((entry for entry in self.list_entries(number, folder) if entry.name == name), None)
        except GitError:
            return None

    def locate_path(self, path: str) -> tuple[str, str | None, str]:
        """Return the ref, the commit and the path below it.

        The ref is the shortest beginning of `path` that names a commit.
        """
        words = path.split("/")
        for count in range(1, len(words) + 1):
            ref = "/".join(words[:count])
            if found := self.resolve(ref):
                return ref, found, "/".join(words[count:])
        return path, None, ""

    def read_content(self, path: str) -> bytes | None:
        """Return the content of the file at `ref/path/in/it`, or None."""
        _, commit_id, below = self.locate_path(path)
        entry = self.find_entry(commit_id, below) if commit_id and below else None
        return self.read_blob(entry.id) if entry and entry.kind == "blob" else None

    def read_blob(self, number: str) -> bytes:
        return run_git("cat-file", "blob", number, cwd=self.path)

    def archive(self, number: str, kind: str, folder: str, *, prefix: str) -> Path:
        """Return the archive of a commit's tree below `prefix`, and create it if it is missing. `kind` is .zip or .tar.gz."""
        path = self.path / "archives" / folder / f"{number[:10]}{kind}"
        if not path.is_file():
            path.parent.mkdir(parents=True, exist_ok=True)
            half = path.with_name(f".{secrets.token_hex(4)}{kind}")
            run_git(
                "archive", f"--prefix={prefix}", f"--format={kind.lstrip('.')}", "-o", str(half), number, cwd=self.path
            )
            half.rename(path)
        return path

    def measure_size(self) -> int:
        """Return the bytes of its objects, loose and packed, as `git count-objects` reports them."""
        found = dict(line.split(": ") for line in run_git_text("count-objects", "-v", cwd=self.path).splitlines())
        return (int(found["size"]) + int(found["size-pack"])) * 1024

    def _list_tree(self, treeish: str, prefix: str) -> Iterator[Entry]:
        for line in run_git("ls-tree", "-z", "-l", treeish, cwd=self.path).split(b"\0"):
            if line:
                head, name = line.decode(errors="replace").split("\t", 1)
                mode, kind, number, size = head.split()
                yield Entry(mode, kind, number, prefix + name, int(size) if size.isdecimal() else 0)
