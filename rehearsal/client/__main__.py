"""Run the ledger client: `python -m rehearsal.client prepare|write|check`, where the site's users are (in the client's namespace).

prepare: make the account, once. write: write until SIGTERM; a run is a name that was never used before. check: look up
every acknowledged write of a run, and print one JSON object. The administrator's name and password come as one JSON object
on standard input of `prepare`, so that they are in no command line.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from rehearsal.client.account import prepare
from rehearsal.client.report import check
from rehearsal.client.writing import write
from rehearsal.termination import make_stop_event


def main() -> int:
    """Run one verb; return its exit code."""
    parser = argparse.ArgumentParser(prog="python -m rehearsal.client", description=__doc__)
    parser.add_argument("verb", choices=["prepare", "write", "check"])
    parser.add_argument("--url", required=True)
    parser.add_argument("--ssh", help="USER@HOST:PORT of the site's SSH server")
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--run", help="name of the run: folder of its ledger, branch of its pushes")
    options = parser.parse_args()
    if options.verb == "prepare":
        admin = json.load(sys.stdin)
        prepare(options.url, options.folder, (admin["username"], admin["password"]))
        return 0
    if not options.run or (options.verb == "write" and not options.ssh):
        parser.error("write needs --run and --ssh, check needs --run")
    if options.verb == "check":
        response = check(options.url, options.folder, options.run)
        print(json.dumps(response))
        return 1 if response["lost"] else 0
    write(options.url, options.ssh, options.folder, options.run, make_stop_event())
    return 0


if __name__ == "__main__":
    sys.exit(main())
