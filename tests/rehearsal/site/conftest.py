"""The machine side is no package of this project: on a machine it lies in /opt/cutover/lib."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[3] / "assets/site"))
