"""`python -m cutover_site VERB`: what /opt/cutover/bin/cutover-site runs."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from cutover_site import interpreter

WITHOUT_PACKAGES = ("check-source", "adopt", "release-source")
"""these verbs run where nothing was installed for a migration, so the modules of the others are not imported for them"""

try:
    from cutover_site.cli import Verb, main

    verbs: Sequence[Verb]
    if sys.argv[1:2] and sys.argv[1] in WITHOUT_PACKAGES:
        from cutover_site.adopt.verb import VERBS as ADOPT
        from cutover_site.existing.verb import VERBS as EXISTING

        verbs = (*EXISTING, *ADOPT)
    else:
        from cutover_site.verbs import ALL

        verbs = ALL
except ModuleNotFoundError as error:
    interpreter.refuse(f"{sys.executable} of this machine has no module {error.name}", interpreter.PACKAGES)

if __name__ == "__main__":
    sys.exit(main(verbs))
