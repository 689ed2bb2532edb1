"""`/opt/cutover/bin/cutover-site`: hands the verb to the attendant where there is one, else runs it in a process of its own.

Verbs are idempotent, so one whose attendant died in the middle is simply run again: the attendant saves time and decides nothing.
Started without site-packages and with few imports, for the sake of its own start; in the root folder, where nobody but root puts modules.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from cutover_site.attendant.wire import SOCKET, ask, endpoint

WITHOUT = {"attend"}


def call(arguments: list[str], place: Path = SOCKET) -> int | None:
    """The exit code of the verb; None when no attendant ran it to its end."""
    if not place.exists():
        return None
    try:
        with endpoint() as connection:
            connection.connect(str(place))
            return ask(connection, arguments, sys.stdout.fileno(), sys.stderr.fileno())
    except OSError:
        return None


def main(arguments: list[str]) -> int:
    code = call(arguments) if arguments[:1] and arguments[0] not in WITHOUT else None
    if code is None:
        os.execv(sys.executable, [sys.executable, "-m", "cutover_site", *arguments])
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
