"""Build the installer of an agent: the one file that a machine downloads."""

from __future__ import annotations

from pathlib import Path

from rehearsal.errors import RehearsalError

SUPPORT = Path(__file__).with_name("agent_support.py")
BEGIN, END = "# agent_support: begin\n", "# agent_support: end\n"
"""The lines of an installer that import the support. A machine has no package to import it from, so they become its text."""
FUTURE = "from __future__ import annotations\n"


def build_installer(source: Path) -> str:
    """Return the installer with the text of the support in it. Raises RehearsalError for a source that does not mark its imports."""
    before, begin, rest = source.read_text().partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise RehearsalError(f"{source} does not mark where it imports the agent support.")
    support = SUPPORT.read_text().partition(FUTURE)[2]
    return f"{before}{support.strip()}\n{after}"
