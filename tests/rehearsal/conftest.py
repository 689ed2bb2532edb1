"""Without root these tests fail with the reason; they are never skipped. `make test` installs the packages that they
need.
"""

import pytest

from rehearsal import requirements


@pytest.fixture(scope="session", autouse=True)
def host() -> None:
    requirements.require_root()
    requirements.require_packages(print, also=requirements.TEST_PACKAGES)
