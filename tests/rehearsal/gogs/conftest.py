from __future__ import annotations

import sys
from pathlib import Path

# The tool is not a package of this project. On a machine it is in /opt/cutover/lib.
sys.path.insert(0, str(Path(__file__).parents[3] / "assets/site"))

from tests.gogs_standin.served.fixtures import archive, database, gogs, make, place

__all__ = ["archive", "database", "gogs", "make", "place"]
