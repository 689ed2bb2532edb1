#!/usr/bin/python3
"""Fill a new Gogs with demo content, through its API, its forms and git, as people would.

    seed.py --url http://git.example.com --admin-user root --password-file FILE [--connect 127.0.0.1]

A second run finds everything there and adds nothing. Prints one line of JSON with what is there and how much of it is new.
Needs Python 3.11, requests, git, and the package cutover_site (PYTHONPATH), whose client of Gogs it uses. The users' passwords are derived
from the administrator's and stored nowhere.
"""

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path

from cutover_site.acceptance.errors import CheckFailed
from cutover_site.errors import SiteError
from demo.content import seed
from demo.site import Site


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--url", required=True, help="the site's address, as users type it")
    parser.add_argument("--admin-user", required=True)
    parser.add_argument(
        "--password-file", required=True, help="file with the administrator's password; - is standard input"
    )
    parser.add_argument(
        "--connect",
        default="",
        metavar="HOST",
        help="where the site really listens, when its name does not lead there",
    )
    options = parser.parse_args()
    password = sys.stdin.read() if options.password_file == "-" else Path(options.password_file).read_text()
    began = time.monotonic()
    try:
        counts = seed(Site(options.url, options.admin_user, password.strip(), connect=options.connect))
    except (CheckFailed, SiteError, subprocess.CalledProcessError) as error:
        print(json.dumps({"ok": False, "reason": str(error)}))
        return 1
    print(json.dumps({"ok": True, **counts, "seconds": round(time.monotonic() - began, 1)}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
