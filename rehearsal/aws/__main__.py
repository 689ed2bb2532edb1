"""`python -m rehearsal.aws`: the local AWS of one world, in the foreground."""

import logging
import os
import sys

from rehearsal.aws.server import run
from rehearsal.errors import RehearsalError
from rehearsal.settings import Settings


def main() -> int:
    """Serve until SIGTERM; return the exit code."""
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s", level=logging.INFO)
    for noisy in ("botocore", "urllib3", "boto3"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    try:
        run(Settings.load(os.environ))
    except RehearsalError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
