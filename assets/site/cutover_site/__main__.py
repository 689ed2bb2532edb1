"""`python -m cutover_site VERB`: what /opt/cutover/bin/cutover-site runs."""

import sys

from cutover_site.cli import main
from cutover_site.verbs.database import VERBS as DATABASE
from cutover_site.verbs.files import VERBS as FILES
from cutover_site.verbs.launch import VERBS as LAUNCH
from cutover_site.verbs.source import VERBS as SOURCE

if __name__ == "__main__":
    sys.exit(main((*SOURCE, *DATABASE, *FILES, *LAUNCH)))
