"""The site's own lines in .gitconfig of the user git, without those that Gogs adds."""

from __future__ import annotations

import re

ADDED_BY_GOGS = {("user", "name", "Gogs"), ("user", "email", "gogs@fake.local"), ("core", "quotepath", "false")}
"""the settings that Gogs writes into .gitconfig when it starts"""


def select_site_lines(content: bytes) -> bytes:
    """Return the content without the settings that Gogs adds, and without sections that have nothing else.

    So the file counts as equal before and after the first start of Gogs.
    """
    section = ""
    kept: list[bytes] = []
    for line in content.splitlines(keepends=True):
        text = line.decode(errors="replace").strip()
        if header := re.fullmatch(r"\[\s*([A-Za-z0-9.-]+)\s*\]", text):
            section = header[1].lower()
        elif text.startswith("["):
            section = ""
        key, _, value = (part.strip() for part in text.partition("="))
        if (section, key.lower(), value) not in ADDED_BY_GOGS:
            kept.append(line)
    empty = [
        at
        for at, line in enumerate(kept)
        if line.lstrip().startswith(b"[")
        and line.rstrip().endswith(b"]")
        and (at + 1 == len(kept) or kept[at + 1].lstrip().startswith(b"["))
    ]
    return b"".join(line for at, line in enumerate(kept) if at not in empty)
