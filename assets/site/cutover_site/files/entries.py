"""What counts of each path, one by one, so that the replica can tell exactly which paths differ.

On the source the program behind `entries` of the replica's key (`cutover-delta`), as the application's user: it reads the wanted lines of a digest as a
JSON list from standard input, and writes `<digest> <path>` for each path of theirs, with a NUL after each.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

from applications.profile import Files

from cutover_site.errors import SiteError
from cutover_site.files.digest import choose, paths_of
from cutover_site.files.tree import read_entry
from cutover_site.layout import Layout

DIGITS = 32


def list_entries(
    rules: Files, root: Path, lines: Collection[str], site: Path | None = None
) -> Iterator[tuple[str, str]]:
    """Yield path below `root`, and digest of what counts of it. `lines`: of a digest's answer (`choose`).

    `site`: the folder that no link may lead out of. Raises OSError, LeadsOut.
    """
    for place in choose(rules, root, lines):
        for path in paths_of(rules, root, place):
            try:
                described, _length = read_entry(root, path, site)
            except FileNotFoundError:
                continue
            yield str(path.relative_to(root)), hashlib.sha256(described).hexdigest()[:DIGITS]


def parse_entries(listing: bytes) -> dict[str, str]:
    found = {}
    for item in listing.decode(errors="surrogateescape").split("\0"):
        if item:
            digest, _, path = item.partition(" ")
            found[path] = digest
    return found


def main(arguments: Iterable[str]) -> int:
    (root,) = (Path(argument) for argument in arguments)
    try:
        for path, digest in list_entries(Layout().application.files, root, json.load(sys.stdin), root):
            sys.stdout.buffer.write(f"{digest} {path}\0".encode(errors="surrogateescape"))
        sys.stdout.buffer.flush()
    except (SiteError, OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
