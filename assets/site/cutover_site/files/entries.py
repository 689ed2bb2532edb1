"""Digests of single paths, with which the replica finds exactly the paths that differ.

On the source it is the program behind the request `entries` of the replica's key (`cutover-delta`), and runs as the application's user. It
reads lines of a digest as a JSON list from standard input, and writes `<digest> <path>` for each path of these lines, each with a NUL at its
end.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

from applications.profile import Files

from cutover_site.errors import SiteError
from cutover_site.files import data_roots
from cutover_site.files.digest import select_places, walk_place
from cutover_site.files.tree import list_sites, read_entry
from cutover_site.layout import Layout

DIGITS = 32


def list_entries(
    rules: Files, root: Path, lines: Collection[str], sites: tuple[Path, ...] = ()
) -> Iterator[tuple[str, str]]:
    """Yield each path below `root` and its digest. `lines`: of a digest (see `digest.select_places`).

    `sites`: see `read_entry`. Raises OSError, LeadsOut.
    """
    for place in select_places(rules, root, lines):
        for path in walk_place(rules, root, place):
            try:
                described, _length = read_entry(root, path, sites)
            except FileNotFoundError:
                continue
            yield str(path.relative_to(root)), hashlib.sha256(described).hexdigest()[:DIGITS]


def parse_entries(listing: bytes) -> dict[str, str]:
    """Return the digests that this program wrote, by path."""
    found = {}
    for item in listing.decode(errors="surrogateescape").split("\0"):
        if item:
            digest, _, path = item.partition(" ")
            found[path] = digest
    return found


def main(arguments: Iterable[str]) -> int:
    """Write the digests to standard output. `arguments`: the data root. Return the exit code."""
    (root,) = (Path(argument) for argument in arguments)
    try:
        lines = json.load(sys.stdin)
        data_roots.require_exposed(Layout())
        rules = Layout().application.files
        for path, digest in list_entries(rules, root, lines, list_sites(rules, root)):
            sys.stdout.buffer.write(f"{digest} {path}\0".encode(errors="surrogateescape"))
        sys.stdout.buffer.flush()
    except (SiteError, OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
