"""boto3 of the version that Ubuntu's image carries, as Debian packages (see boto3.txt)."""

from __future__ import annotations

import sys
import zipfile
from pathlib import Path

from rehearsal.world.own_packages import build_package
from rehearsal.world.shell import run

REQUIREMENTS = Path(__file__).with_name("boto3.txt")
_DEPENDS = {
    "boto3": "python3, python3-botocore, python3-jmespath, python3-s3transfer",
    "botocore": "python3, ca-certificates, python3-dateutil, python3-jmespath, python3-urllib3",
    "s3transfer": "python3, python3-botocore",
}
DEPENDENCIES = ("python3-dateutil", "python3-jmespath", "python3-urllib3")
"""What these need from Debian itself."""


def build_boto3(scratch: Path, pool: Path) -> None:
    """Write python3-{boto3,botocore,s3transfer} into `pool`; the wheels are checked against the hashes of boto3.txt."""
    wheels = scratch / "wheels"
    wheels.mkdir(parents=True)
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "download", "-q", "--no-deps")
    run(*pip, "--require-hashes", "--only-binary", ":all:", "-d", wheels, "-r", REQUIREMENTS)
    for wheel in sorted(wheels.glob("*.whl")):
        name, version = wheel.name.split("-")[:2]
        tree = scratch / name
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(tree / "usr/lib/python3/dist-packages")
        build_package(
            tree,
            pool,
            name=f"python3-{name}",
            version=f"{version}+rehearsal1",
            depends=_DEPENDS[name],
            description=f"{name} {version} from its published wheel",
        )
