"""Tests of the tool on the machines with the parts of the project that must agree with it: the functions and the playbook's templates."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[3] / "assets/site"))
