"""Find out from its configuration whether a repository takes pushes to its branch."""

from __future__ import annotations

import re
from pathlib import Path

MAX_BYTES = 65_536
"""of a configuration that is read; a repository of Git hosting has some hundred bytes"""
NO = {"false", "no", "off", "0", ""}
"""what git reads as false"""
ACCEPTED = {"ignore", "warn", "updateinstead", *NO}
"""values of receive.denyCurrentBranch with which git accepts the push"""
_SECTION = re.compile(r"\[\s*([A-Za-z0-9.-]+)\s*\]")
_LINE = re.compile(r"([A-Za-z][A-Za-z0-9-]*)\s*(?:=\s*(.*))?")


def is_bare(configuration: Path) -> bool:
    """Return False when git refuses a push to the current branch, because the repository is not bare. True when this cannot be read."""
    try:
        with configuration.open("rb") as file:
            lines = file.read(MAX_BYTES).decode(errors="replace").splitlines()
    except OSError:
        return True
    found = _read_settings(lines)
    is_refusing = found.get("receive.denycurrentbranch", "refuse") not in ACCEPTED
    return found.get("core.bare", "true") not in NO or not is_refusing


def _read_settings(lines: list[str]) -> dict[str, str]:
    """Return the last value of each setting, in lower case, of sections without a subsection. Without `=`, the value is true."""
    section, found = "", {}
    for text in map(str.strip, lines):
        if text.startswith("["):
            header = _SECTION.match(text)
            section = header[1].lower() if header else ""
            text = text[header.end() :].strip() if header else ""
        if section and (line := _LINE.match(text)):
            value = "true" if line[2] is None else re.split(r"\s*[#;]", line[2])[0].strip().strip('"')
            found[f"{section}.{line[1].lower()}"] = value.lower()
    return found
