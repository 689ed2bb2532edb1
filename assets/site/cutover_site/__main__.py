"""`python -m cutover_site VERB`: what /opt/cutover/bin/cutover-site runs."""

from __future__ import annotations

import sys

from cutover_site import interpreter

try:
    from cutover_site.cli import main
    from cutover_site.verbs import ALL
except ModuleNotFoundError as error:
    interpreter.refuse(f"{sys.executable} of this machine has no module {error.name}", interpreter.PACKAGES)

if __name__ == "__main__":
    sys.exit(main(ALL))
