"""Send control commands to a running world's DMS: what it does, and faults for tests. See `rehearsal.dms.control`.

python -m rehearsal.dms status
python -m rehearsal.dms halt TASK
python -m rehearsal.dms fail TASK MESSAGE
python -m rehearsal.dms lag TASK SECONDS
python -m rehearsal.dms table-error TASK SCHEMA TABLE MESSAGE
"""

from __future__ import annotations

import argparse
import json
import os
import sys

from rehearsal.dms.control import send_command
from rehearsal.settings import Settings


def main(arguments: list[str]) -> int:
    """Run the command line; return its exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m rehearsal.dms", description=__doc__.splitlines()[0] if __doc__ else ""
    )
    verbs = parser.add_subparsers(dest="order", required=True)
    verbs.add_parser("status")
    for verb, names in {
        "halt": (),
        "fail": ("message",),
        "lag": ("seconds",),
        "table-error": ("schema", "table", "message"),
    }.items():
        sub = verbs.add_parser(verb)
        sub.add_argument("task")
        for name in names:
            sub.add_argument(name, type=float if name == "seconds" else str)
    message = vars(parser.parse_args(arguments))
    folder = Settings.load(os.environ).home / "dms"
    try:
        response = send_command(folder, message)
    except OSError as error:
        print(f"No DMS listens in {folder}: {error.strerror}. Is the world up?", file=sys.stderr)
        return 1
    if not response.pop("ok"):
        print(response["reason"], file=sys.stderr)
        return 1
    print(json.dumps(response, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
