"""The .gitconfig of the user git: what the site wrote into it, without what Gogs adds."""

from __future__ import annotations

import re

GIT_OF_GOGS = {("user", "name", "Gogs"), ("user", "email", "gogs@fake.local"), ("core", "quotepath", "false")}
"""what Gogs writes into .gitconfig when it starts"""


def site_lines(content: bytes) -> bytes:
    """Leave out what Gogs adds to .gitconfig, and a section that holds nothing else: the file must not differ before and after its first start."""
    section = ""
    kept: list[bytes] = []
    for line in content.splitlines(keepends=True):
        text = line.decode(errors="replace").strip()
        if header := re.fullmatch(r"\[\s*([A-Za-z0-9.-]+)\s*\]", text):
            section = header[1].lower()
        elif text.startswith("["):
            section = ""
        key, _, value = (part.strip() for part in text.partition("="))
        if (section, key.lower(), value) not in GIT_OF_GOGS:
            kept.append(line)
    empty = [
        at
        for at, line in enumerate(kept)
        if line.lstrip().startswith(b"[")
        and line.rstrip().endswith(b"]")
        and (at + 1 == len(kept) or kept[at + 1].lstrip().startswith(b"["))
    ]
    return b"".join(line for at, line in enumerate(kept) if at not in empty)
