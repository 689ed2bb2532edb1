"""The machine side is no package of this project: on a machine it lies in /opt/cutover/lib.

These tests also run with the Python and the packages of a machine (tests/rehearsal/site/test_oldest_python.py): they import nothing else. What
compares the machine side with other parts of the project is in tests/unit/site_contract.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[3] / "assets/site"))
