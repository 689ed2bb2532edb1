"""The tool on the machines is no installed package of this project: on a machine it is in /opt/cutover/lib.

These tests also run with the Python and the packages of a machine (tests/rehearsal/site/test_oldest_python.py), so they import nothing else.
The tests that compare the tool with other parts of the project are in tests/unit/site_contract.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[3] / "assets/site"))
