"""Make the pictures of the README from a real run: `make pictures`.

Without options a whole rehearsal runs first. With `--output-of` and `--page` the pictures are made from one that ran before.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tests.pictures.record import read_lines, record
from tests.pictures.screenshot import save_screenshot
from tests.pictures.terminal import render_terminal, select_lines

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs/pictures"
HOME = ROOT / ".rehearsal"


def main() -> int:
    """Return the exit code: 1 when the rehearsal failed, whose pictures nobody wants."""
    parser = argparse.ArgumentParser(prog="python -m tests.pictures", description="Make the pictures of the README.")
    parser.add_argument("--output-of", type=Path, help="output of a run: a line is seconds since 1970, a tab, the text")
    parser.add_argument("--page", type=Path, default=HOME / "report.html", help="report of the same run")
    options = parser.parse_args()
    if options.output_of is None:
        options.output_of = HOME / "output.txt"
        command = [sys.executable, "-m", "rehearsal", "rehearse"]
        if record(command, options.output_of, root=ROOT):
            print("the rehearsal failed: no pictures were made", file=sys.stderr)
            return 1
    FOLDER.mkdir(parents=True, exist_ok=True)
    picture = render_terminal("make rehearse", select_lines(read_lines(options.output_of)))
    (FOLDER / "rehearse.svg").write_text(picture, encoding="utf-8")
    save_screenshot(options.page, FOLDER / "report.png")
    print(f"pictures: {FOLDER / 'rehearse.svg'}, {FOLDER / 'report.png'}")
    return 0


sys.exit(main())
