"""Report to the replication service that a launched machine has booted, then run the post-launch scripts as root, once.

The conversion adds this file, which uses only the standard library. The executables of each folder in pending.json run in
the order of their names. A file with two names runs once. No script runs twice, because pending.json is renamed before the
first one.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
RETRY_SECONDS = 600.0


def report(pending: dict[str, Any], event: dict[str, Any], retry_seconds: float = RETRY_SECONDS) -> dict[str, Any]:
    """POST one event; return the service's response. Raises OSError when the service cannot be reached in time."""
    request = urllib.request.Request(
        pending["report_url"],
        data=json.dumps(event).encode(),
        headers={"Content-Type": "application/json", "Authorization": "Bearer " + pending["token"]},
        method="POST",
    )
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    deadline, pause = time.monotonic() + retry_seconds, 0.5
    while True:
        try:
            with opener.open(request, timeout=10) as response:
                return dict(json.load(response))
        except urllib.error.HTTPError as error:
            if error.code < 500:
                raise
            if time.monotonic() > deadline:
                raise
        except OSError:
            if time.monotonic() > deadline:
                raise
        time.sleep(pause)
        pause = min(2 * pause, 10.0)


def list_executables(folders: Sequence[Path]) -> list[Path]:
    """Return the scripts to run, in their order."""
    found: dict[Path, Path] = {}
    for folder in folders:
        for file in sorted(folder.iterdir()) if folder.is_dir() else []:
            if file.is_file() and os.access(file, os.X_OK):
                found.setdefault(file.resolve(), file)
    return list(found.values())


def main() -> int:
    """Run the scripts and report each; return the exit code."""
    pending_file = FOLDER / "pending.json"
    pending = json.loads(pending_file.read_text())
    if not report(pending, {"event": "booted"}).get("run"):
        print("the service does not request the post-launch scripts", flush=True)
        return 0
    pending_file.rename(FOLDER / "begun.json")
    os.sync()
    failed = 0
    for script in list_executables([Path(folder) for folder in pending["scripts"]]):
        print(f"running {script}", flush=True)
        began = time.monotonic()
        code = subprocess.run([str(script)], cwd="/", stdin=subprocess.DEVNULL, check=False).returncode
        failed += code != 0
        seconds = round(time.monotonic() - began, 3)
        print(f"{script} ended with exit code {code} after {seconds} s", flush=True)
        report(pending, {"event": "script", "name": str(script), "exitCode": code, "seconds": seconds})
    report(pending, {"event": "done"})
    (FOLDER / "begun.json").unlink()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
