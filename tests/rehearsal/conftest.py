"""What tests that boot machines need of the host. Without root they fail with the reason: they are not to be passed over."""

import pytest

from rehearsal import requirements

TEST_PACKAGES = {
    "mariadb": "mariadb-client-core",
    "mariadb-install-db": "mariadb-server-core",
    "sshd": "openssh-server",
}


@pytest.fixture(scope="session", autouse=True)
def host() -> None:
    requirements.require_root()
    requirements.require_packages(print, also=TEST_PACKAGES)
