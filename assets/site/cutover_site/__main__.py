"""`python -m cutover_site VERB`: what /opt/cutover/bin/cutover-site runs."""

from __future__ import annotations

import sys

from cutover_site.cli import main
from cutover_site.verbs import ALL

if __name__ == "__main__":
    sys.exit(main(ALL))
