"""Build the stand-in's archive and print its SHA-256: `python -m rehearsal.gogs build OUTFILE`."""

from __future__ import annotations

import argparse
from pathlib import Path

from rehearsal.gogs.build import build


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m rehearsal.gogs", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    command = commands.add_parser("build", help="build the archive and print its SHA-256")
    command.add_argument("outfile", type=Path)
    print(build(parser.parse_args().outfile))


if __name__ == "__main__":
    main()
