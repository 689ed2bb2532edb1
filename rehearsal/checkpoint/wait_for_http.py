"""Wait until every URL has returned 200: `python wait_for_http.py SECONDS URL…`. Standard library only.

An argument may have alternatives, as `URL|URL`: one of them must return 200. Runs in the network namespace of the caller's choice. Exit code 1, with the last error, when the time is over.
"""

from __future__ import annotations

import sys
import time
import urllib.error
import urllib.request

PAUSE_SECONDS = 0.1
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def main(seconds: float, urls: list[str]) -> int:
    """Return 0 when every URL has returned 200, 1 after `seconds`."""
    deadline, waiting = time.monotonic() + seconds, list(urls)
    while waiting:
        try:
            _get_first(waiting[0].split("|"))
            del waiting[0]
        except (urllib.error.URLError, OSError) as error:
            if time.monotonic() > deadline:
                print(f"{waiting[0]}: {error}", file=sys.stderr)
                return 1
            time.sleep(PAUSE_SECONDS)
    return 0


def _get_first(alternatives: list[str]) -> None:
    """Return when one of the URLs has returned 200. Raises URLError or OSError of the last one."""
    *others, last = alternatives
    for url in others:
        try:
            with _OPENER.open(url, timeout=2):
                return
        except (urllib.error.URLError, OSError):
            continue
    with _OPENER.open(last, timeout=2):
        return


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1]), sys.argv[2:]))
