"""One machine on which somebody else installed Gogs, in a world without the local AWS."""

from __future__ import annotations

import os
import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from rehearsal.cleanup import discard, list_leftovers, remove_all
from rehearsal.settings import Settings
from rehearsal.world import World
from rehearsal.world.cache import compute_digest, make_once
from rehearsal.world.images import extend_image, make_image
from rehearsal.world.mirror import make_mirror
from tests.gogs_standin.served.fixtures import archive, place
from tests.rehearsal.adoption.server import MACHINE, Server
from tests.rehearsal.ports import find_free_ports
from tests.rehearsal.second_application.image import replace_stock_image
from tests.rehearsal.world.lab import FakeAws, Lab

__all__ = ["archive", "place"]

ASSETS = Path(__file__).parents[3] / "assets"
PACKAGES = (
    "ansible-core", "ca-certificates", "git", "haproxy", "mariadb-server", "nfs-common", "nginx", "openssh-client", "openssh-server",
    "openssl", "python3-boto3", "python3-pymysql", "python3-requests", "rsync",
)  # fmt: skip


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    settings = Settings.load(
        {
            **{key: value for key, value in os.environ.items() if key == "REHEARSAL_CACHE"},
            "REHEARSAL_PORT": str(find_free_ports()),
            "REHEARSAL_HOME": str(tmp_path_factory.mktemp("adoption")),
        }
    )
    yield settings
    assert list_leftovers(settings) == []


def _prepare_image(settings: Settings) -> Path:
    base, repository = make_image("debian-12", settings.cache, print), make_mirror(settings.cache, print)
    return make_once(
        settings.cache,
        f"foreign-{compute_digest(base.name, repository.name, *PACKAGES)}.raw",
        lambda half: extend_image(base, repository, PACKAGES, half),
        starting=lambda: print("machine image: the packages of a foreign site (once, a minute)"),
    )


CLOCK = "int adjtimex(void *state) { return state ? 0 : -1; }\n"
"""a synchronized clock: systemd-nspawn lets no machine ask the kernel for its clock, whose state is the host's"""


@pytest.fixture(scope="session")
def clock(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("clock")
    (folder / "clock.c").write_text(CLOCK)
    subprocess.run(["gcc", "-shared", "-fPIC", "-o", folder / "clock.so", folder / "clock.c"], check=True)
    return folder / "clock.so"


@pytest.fixture(scope="session")
def server(settings: Settings, archive: Path, clock: Path) -> Iterator[Server]:
    """Boot the machine, install the site, and copy the product's assets to it."""
    ours = _prepare_image(settings)
    aws = FakeAws()
    try:
        with World(settings, aws) as world:
            lab = Lab(world, aws)
            replace_stock_image(settings, ours)
            lab.launch(MACHINE, "10.0.9.6", role="source-app")
            found = Server(lab)
            found.copy(archive, "/root/gogs.tar.gz")
            packed = settings.home / "assets.tar"
            with tarfile.open(packed, "w") as tar:
                for name in ("ansible", "site"):
                    tar.add(ASSETS / name, name, filter=lambda one: None if "__pycache__" in one.name else one)
            found.copy(packed, "/root/assets.tar")
            found.copy(clock, "/usr/local/lib/clock.so")
            found.run("echo /usr/local/lib/clock.so >/etc/ld.so.preload")
            found.install()
            yield found
        assert list_leftovers(settings) == []
    finally:
        remove_all(settings)
        discard(settings, logs=True)
