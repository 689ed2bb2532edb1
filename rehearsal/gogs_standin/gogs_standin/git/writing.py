"""Make commits directly in the bare repository, without a working copy."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from .changes import Change, make_branch_change
from .command import run_git
from .repository import Repository


@dataclass(frozen=True)
class Draft:
    """A commit to make: author, message, and the changed files by path; `None` deletes a file."""

    author: str
    email: str
    message: str
    files: Mapping[str, bytes | None]


def write(bare: Path, draft: Draft, *, to: str, base: str = "") -> Change:
    """Commit to the branch `to` and return its change. Raises GitError.

    The parent is the tip of the branch `base`, which is `to` by default, if it exists. Of two concurrent writers, git refuses
    the second.
    """
    heads = Repository(bare).read_refs("refs/heads")
    parent = heads.get(base or to)
    run_git("fast-import", "--quiet", cwd=bare, data=_stream(draft, to, parent))
    return make_branch_change(to, heads.get(to), Repository(bare).read_refs("refs/heads")[to])


def _stream(draft: Draft, to: str, parent: str | None) -> bytes:
    """Return the input of `git fast-import`."""
    name, email = (re.sub(r"[<>\n]", "", text) for text in (draft.author, draft.email))
    lines = [f"commit refs/heads/{to}\ncommitter {name} <{email}> {int(time.time())} +0000\n".encode()]
    lines.append(_format_data(draft.message.encode()))
    if parent:
        lines.append(f"from {parent}\n".encode())
    for path, content in draft.files.items():
        lines.append(
            f"D {_quote(path)}\n".encode() if content is None else f"M 100644 inline {_quote(path)}\n".encode()
        )
        lines += [] if content is None else [_format_data(content)]
    return b"".join(lines)


def _format_data(content: bytes) -> bytes:
    return b"data %d\n%s\n" % (len(content), content)


def _quote(path: str) -> str:
    escaped = path.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
