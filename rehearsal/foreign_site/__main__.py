"""Fill the site, where its users are: `python -m rehearsal.foreign_site --url URL --folder FOLDER [--release] [--second-factor]`.

The administrator's name and password come as one JSON object on standard input. Prints what there is, as one JSON object.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import requests

from rehearsal.errors import RehearsalError
from rehearsal.foreign_site.content import fill


def main() -> int:
    """Run the command line; return its exit code."""
    parser = argparse.ArgumentParser(prog="python -m rehearsal.foreign_site", description=__doc__)
    parser.add_argument("--url", required=True)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--release", action="store_true", help="the site is a real Gogs")
    parser.add_argument("--second-factor", action="store_true", help="one user turns on a second factor")
    options = parser.parse_args()
    admin = json.load(sys.stdin)
    try:
        made = fill(
            options.url,
            options.folder,
            (admin["username"], admin["password"]),
            is_release=options.release,
            has_second_factor=options.second_factor,
        )
    except (RehearsalError, requests.RequestException, ValueError) as error:
        print(f"the site could not be filled: {error}", file=sys.stderr)
        return 1
    print(json.dumps(made))
    return 0


if __name__ == "__main__":
    sys.exit(main())
