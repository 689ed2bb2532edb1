"""What `/opt/cutover/bin/cutover-site` runs: send the verb to the prefork worker, or run it in a process of its own when there is no worker.

Verbs are idempotent. When the worker dies during a verb, the verb is run again in a process of its own.
Python starts this module without site-packages and with few imports, so that it starts fast. It starts in the root folder, because only root
can put modules there.
"""

from __future__ import annotations

import os
import sys

from cutover_site.prefork.protocol import SOCKET, create_socket, send_request

NEVER_FORKED = {"attend"}
"""verbs that replace the worker itself"""


def run_in_worker(arguments: list[str], path: str = SOCKET) -> int | None:
    """Return the exit code of the verb, None when no worker ran it to its end. `path`: the worker's socket."""
    try:
        with create_socket() as connection:
            connection.connect(path)
            return send_request(connection, arguments, sys.stdout.fileno(), sys.stderr.fileno())
    except OSError:
        return None


def main(arguments: list[str]) -> int:
    """Run the verb in the worker if possible, else replace this process by one that runs it. Return the exit code."""
    code = run_in_worker(arguments) if arguments[:1] and arguments[0] not in NEVER_FORKED else None
    if code is None:
        os.execv(sys.executable, [sys.executable, "-m", "cutover_site", *arguments])
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
