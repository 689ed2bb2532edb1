"""Read what rsync did from its itemized output and its statistics. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

STATISTICS = {
    "Number of regular files transferred": "transferred",
    "Total transferred file size": "bytes",
    "Number of files": "files",
}
LINE = re.compile(r"^(?P<name>[A-Z][A-Za-z ]+): (?P<value>[\d,.]+)")
ITEM = re.compile(r"^(?P<item>[<>ch.*][fdLDS][^ ]{9}) (?P<path>.+)$")
DELETING = "*deleting   "
CREATED = "cd+++++++++"
ESCAPED = re.compile(rb"\\#(\d{3})")
"""how rsync writes a byte that cannot be printed"""


@dataclass
class RsyncReport:
    """Numbers and paths of one run of rsync."""

    transferred: int = 0
    bytes: int = 0
    files: int = 0
    """files and folders that rsync looked at"""
    changed: list[str] = field(default_factory=list)
    created: list[str] = field(default_factory=list)
    """folders that did not exist in the destination"""
    deleted: list[str] = field(default_factory=list)


def parse_report(output: str) -> RsyncReport:
    """Return the report in the output of `rsync --itemize-changes --stats` in the C locale."""
    report = RsyncReport()
    for line in output.splitlines():
        if line.startswith(DELETING):
            report.deleted.append(line.removeprefix(DELETING).strip())
        elif item := ITEM.match(line):
            if item["item"] == CREATED:
                report.created.append(_unescape(item["path"]).removesuffix("/"))
            # `.d..t......`: only the time of a folder, which no user of the site sees.
            if not item["item"].startswith(".d..t.....") or item["item"].strip(".dt"):
                report.changed.append(item["path"])
        elif (number := LINE.match(line)) and number["name"] in STATISTICS:
            setattr(report, STATISTICS[number["name"]], int(re.sub(r"[,.]", "", number["value"])))
    return report


def _unescape(path: str) -> str:
    raw = ESCAPED.sub(lambda found: bytes([int(found[1], 8)]), path.encode(errors="surrogateescape"))
    return raw.decode(errors="surrogateescape")
