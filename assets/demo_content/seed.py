#!/usr/bin/python3
"""Create demo content in a new Gogs through its API, its forms and git.

    seed.py --url http://git.example.com --admin-user root --password-file FILE [--connect 127.0.0.1]

A second run adds nothing. The program prints one line of JSON with the number of items of each kind and the number of new items.
It requires Python 3.11, requests, git and the package cutover_site (PYTHONPATH), whose client of Gogs it uses. It derives the users' passwords
from the administrator's password and stores them nowhere.
"""

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path

from cutover_site.acceptance.errors import CheckFailed
from cutover_site.errors import SiteError
from demo.content import seed_site
from demo.site import Site


def main() -> int:
    """Run the command line and return its exit status: 1 when the site or git refused something, otherwise 0."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--url", required=True, help="address of the site for its users")
    parser.add_argument("--admin-user", required=True)
    parser.add_argument(
        "--password-file", required=True, help="file with the administrator's password; - reads standard input"
    )
    parser.add_argument(
        "--connect",
        default="",
        metavar="HOST",
        help="host name or address on which the site listens, if the host of --url does not resolve to it",
    )
    options = parser.parse_args()
    password = sys.stdin.read() if options.password_file == "-" else Path(options.password_file).read_text()
    began = time.monotonic()
    try:
        counts = seed_site(Site(options.url, options.admin_user, password.strip(), connect=options.connect))
    except (CheckFailed, SiteError, subprocess.CalledProcessError) as error:
        print(json.dumps({"ok": False, "reason": str(error)}))
        return 1
    print(json.dumps({"ok": True, **counts, "seconds": round(time.monotonic() - began, 1)}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
