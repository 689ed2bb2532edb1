"""Put into a new world what it needs, so that the two deploys work at once: archives, settings, secrets, CDK bootstrap."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import boto3

from rehearsal import application
from rehearsal.cloudendure.demo import PROJECT
from rehearsal.demo_settings import CREDENTIALS_SECRET, DISCOVERY_AGENT, TOKEN_SECRET, migration_toml
from rehearsal.discovery import discovery_agent
from rehearsal.environment import environment
from rehearsal.errors import RehearsalError
from rehearsal.settings import ACCOUNT, REGION, Settings
from rehearsal.world.cache import Report

_CDK = Path(__file__).resolve().parent.parent / "node_modules/.bin/cdk"


def bootstrap_demo(settings: Settings, report: Report) -> None:
    """Provide the archives, write <home>/migration.toml, put the console's credentials into Secrets Manager, bootstrap."""
    settings.downloads.mkdir(parents=True, exist_ok=True)
    application.load().provide_release(settings, os.environ, report)
    discovery_agent(settings, settings.downloads / DISCOVERY_AGENT)
    write_settings(settings)
    put_secrets(settings)
    report("cdk bootstrap (about 15 s)")
    bootstrap(settings)


def write_settings(settings: Settings) -> Path:
    """Write the migration.toml of this world; return its path. The archive of the release must be in <home>/downloads."""
    target = settings.home / "migration.toml"
    target.write_text(migration_toml(settings, project=PROJECT, release=application.load().describe_release(settings)))
    return target


def put_secrets(settings: Settings) -> None:
    """As the operator does once on AWS: what the console and its agents ask for, under the names of migration.toml."""
    known = credentials(settings)
    login = {"username": known["username"], "password": known["password"]}
    variables = environment(settings)
    client: Any = boto3.client(
        "secretsmanager",
        endpoint_url=settings.aws_url,
        region_name=REGION,
        aws_access_key_id=variables["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=variables["AWS_SECRET_ACCESS_KEY"],
    )
    for name, value in ((CREDENTIALS_SECRET, json.dumps(login)), (TOKEN_SECRET, known["agent_installation_token"])):
        try:
            client.create_secret(Name=name, SecretString=value)
        except client.exceptions.ResourceExistsException:
            client.put_secret_value(SecretId=name, SecretString=value)


def bootstrap(settings: Settings) -> None:
    """Bootstrap the account with the real CDK CLI, as `cdk deploy` expects. Raises RehearsalError with its last lines."""
    if not _CDK.exists():
        raise RehearsalError("The CDK CLI is not installed: run `npm ci`, or `make setup`.")
    done = subprocess.run(
        [str(_CDK), "bootstrap", f"aws://{ACCOUNT}/{REGION}"],
        env={**os.environ, **environment(settings)},
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
    """Return lines for the operator: the address of the console, its user, and the file of the password."""
    try:
        known = credentials(settings)
    except RehearsalError:
        return ["the world is not up; start it with: python -m rehearsal up"]
    return [
        f"console: {settings.console_url}, project {known['project_name']}, user {known['username']},"
        f" password in {_credentials_file(settings)}",
        f"the site for a browser, once it runs: {settings.site_url}",
    ]


def credentials(settings: Settings) -> dict[str, str]:
    """Return the demo account of the console, which makes one for each world. Raises RehearsalError before its first start."""
    try:
        found: dict[str, str] = json.loads(_credentials_file(settings).read_text())
    except FileNotFoundError:
        raise RehearsalError(f"The console of {settings.home} has not made its demo account yet.") from None
    return found


def _credentials_file(settings: Settings) -> Path:
    return settings.home / "cloudendure" / "credentials.json"
