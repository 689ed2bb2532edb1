"""Prepare the server as its owner does with the product's playbook: the assets are copied there, and ansible runs them on the server itself."""

from __future__ import annotations

import io
import json
import re
import tarfile
from pathlib import Path

from rehearsal.application import NAME
from rehearsal.errors import RehearsalError
from rehearsal.foreign_site import account, facts, shapes
from rehearsal.foreign_site.check import leave_caches_out
from rehearsal.foreign_site.installation import run_script
from rehearsal.providers import RehearsedProvider
from rehearsal.settings import REGION, Settings
from rehearsal.world import enter

ASSETS = Path(__file__).resolve().parents[2] / "assets"
FOLDER = "/root/assets"
TOOL = "/opt/cutover/bin/cutover-site"
_READ = "| sort -z | xargs -0 -I{} sh -c 'stat -c \"%n %a %U:%G %y\" {}; sha256sum <{}'"
_LONGEST = 300
_SECONDS = 120.0
_MESSAGE = re.compile(r'"msg": "((?:[^"\\]|\\.)*)"')


def adopt(settings: Settings, provider: RehearsedProvider, node_id: str, *, with_agent: bool) -> None:
    """Run prepare_source.yml on the server. `with_agent`: it installs the provider's agent too. Raises RehearsalError with the playbook's own message."""
    _copy_assets(settings)
    administrator = {"administrator_secret": account.ADMINISTRATOR_SECRET} if shapes.load(settings).is_managed else {}
    variables = {
        "site_name": NAME,
        "aws_region": REGION,
        "node_id": node_id,
        "source_roles": ["source-app", "source-database"],
        "site_secret": account.SECRETS["site"],
        "application_secret": account.SECRETS["application"],
        "provider_kind": settings.provider,
        "database_ca_url": "",
        "adopt_options": ["--replication-user", account.REPLICATION_USER],
        "source_server_name": facts.SERVER,
        **administrator,
        **(provider.get_agent_variables(settings) if with_agent else {}),
    }
    output = run_script(settings, "adopt.sh", FOLDER=FOLDER, VARIABLES=json.dumps(variables))
    if failure := find_failure(output):
        raise RehearsalError(f"prepare_source.yml failed on {facts.SERVER}: {failure}")


def find_failure(output: str) -> str:
    """Return why the playbook failed, in its own words; empty when ansible reports that nothing failed."""
    if failed := re.search(r"^fatal: .*$", output, re.MULTILINE):
        found = _MESSAGE.search(failed[0])
        return str(json.loads(f'"{found[1]}"')) if found else failed[0][:_LONGEST]
    if re.search(r"^localhost +: .*\bunreachable=0 +failed=0\b", output, re.MULTILINE):
        return ""
    return f"it did not end: {output.strip()[-_LONGEST:]}"


def read_own_files(settings: Settings) -> str:
    """Return content, mode, owner and time of each file of the owner that an adoption may touch. Raises RehearsalError."""
    paths = shapes.load(settings).own_files
    return _run(settings, "set -e\n" + "\n".join(f"find {path} -type f -print0 {_READ}" for path in paths))


def release(settings: Settings) -> None:
    """Undo the adoption. Raises RehearsalError with the tool's own reason."""
    output = _run(settings, f"{TOOL} release-source || true")
    result = json.loads((output.splitlines() or ["{}"])[-1])
    if not result.get("changed"):
        raise RehearsalError(
            f"release-source changed nothing on {facts.SERVER}: {result.get('reason', output[-_LONGEST:])}"
        )


def _run(settings: Settings, script: str) -> str:
    done = enter.run(settings, facts.SERVER, ["/bin/bash", "-c", script], timeout=_SECONDS)
    if done.exit_code:
        raise RehearsalError(f"{facts.SERVER}: {(done.stderr.strip() or done.stdout.strip())[-_LONGEST:]}")
    return done.stdout


def _copy_assets(settings: Settings) -> None:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        archive.add(ASSETS, arcname=".", filter=leave_caches_out)
    target = settings.mounts / facts.SERVER / FOLDER.lstrip("/")
    target.mkdir(mode=0o700, exist_ok=True)
    packed.seek(0)
    with tarfile.open(fileobj=packed) as archive:
        archive.extractall(target, filter="data")
