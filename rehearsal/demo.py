"""Put into a new world what it needs, so that the two deploys work at once: archives, settings, the provider, CDK bootstrap."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from rehearsal import application, providers
from rehearsal.demo_settings import DISCOVERY_AGENT, render_migration_toml
from rehearsal.discovery import write_discovery_agent
from rehearsal.environment import build_environment
from rehearsal.errors import RehearsalError
from rehearsal.job.aws import Aws
from rehearsal.settings import ACCOUNT, REGION, Settings
from rehearsal.world.cache import Report

_CDK = Path(__file__).resolve().parent.parent / "node_modules/.bin/cdk"


def prepare_demo(settings: Settings, report: Report) -> None:
    """Provide the archives and write <home>/migration.toml. Nothing needs to run for it."""
    settings.downloads.mkdir(parents=True, exist_ok=True)
    application.load().provide_release(settings, os.environ, report)
    write_discovery_agent(settings, settings.downloads / DISCOVERY_AGENT)
    write_settings(settings)


def bootstrap_demo(settings: Settings, report: Report) -> None:
    """Set the provider up and bootstrap the account."""
    set_up_provider(settings)
    report("cdk bootstrap (about 15 s)")
    bootstrap_account(settings)


def write_settings(settings: Settings) -> Path:
    """Write the migration.toml of this world; return its path. The archive of the release must be in <home>/downloads."""
    target = settings.home / "migration.toml"
    target.write_text(render_migration_toml(settings, release=application.load().describe_release(settings)))
    return target


def set_up_provider(settings: Settings) -> None:
    """Do what the operator of a new account does once for the provider of this world."""
    providers.load(settings).set_up(settings, Aws(build_environment(settings)))


def bootstrap_account(settings: Settings) -> None:
    """Bootstrap the account with the real CDK CLI, as `cdk deploy` expects. Raises RehearsalError with its last lines."""
    if not _CDK.exists():
        raise RehearsalError("The CDK CLI is not installed: run `npm ci`, or `make setup`.")
    done = subprocess.run(
        [str(_CDK), "bootstrap", f"aws://{ACCOUNT}/{REGION}"],
        env={**os.environ, **build_environment(settings)},
        cwd=settings.state,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    (settings.logs / "bootstrap.log").write_text(done.stdout + done.stderr)
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no output"])[-1]
        raise RehearsalError(f"cdk bootstrap failed: {last} (see {settings.logs / 'bootstrap.log'}).")


def describe(settings: Settings) -> list[str]:
    """Return lines for the operator: where to look at the provider and at the site."""
    try:
        of_provider = providers.read(settings).describe(settings)
    except RehearsalError:
        return ["the world is not up; start it with: python -m rehearsal up"]
    return [*of_provider, f"the site for a browser, once it runs: {settings.site_url}"]
