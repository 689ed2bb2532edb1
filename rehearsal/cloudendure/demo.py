"""The account and the project that every world starts with. The password is random per world."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from datetime import timedelta

from rehearsal.cloudendure.config import ConsoleSettings
from rehearsal.cloudendure.responses import Json, format_date, generate_id, now
from rehearsal.cloudendure.store import Store
from rehearsal.settings import REGION

USER = "demo@cutover.example"
PROJECT = "Demo"
CREDENTIALS = "credentials.json"


def ensure_demo(settings: ConsoleSettings, store: Store) -> None:
    """Make the account, its project and <home>/cloudendure/credentials.json (mode 600), unless they are there."""
    with store.read() as state:
        if "account" in state:
            return
    password, token = secrets.token_urlsafe(18), secrets.token_urlsafe(32)
    configuration, cloud = build_default_configuration(), generate_id()
    project = {
        "id": generate_id(),
        "name": PROJECT,
        "type": "MIGRATION",
        "targetCloudId": cloud,
        "sourceCloudId": cloud,
        "sourceRegion": REGION,
        "replicationConfiguration": configuration["id"],
        "agentInstallationToken": _generate_installation_token(),
        "licensesIDs": [generate_id()],
        "features": {"allowDR": False, "allowMigration": True, "drTier2": False, "pit": True},
    }
    _write_credentials(settings, project, password, token)
    with store.edit() as state:
        state["account"] = {
            "id": generate_id(),
            "username": USER,
            "password": hash_secret(password),
            "userApiToken": hash_secret(token),
            "licence": {
                "type": "MIGRATION",
                "startDateTime": format_date(now()),
                "expires": format_date(now() + timedelta(days=90)),
            },
        }
        state["project"] = project
        state["configurations"][configuration["id"]] = configuration


def hash_secret(secret: str) -> str:
    """Return the hash of a secret. A plain hash is sufficient, because the secrets are long and random."""
    return hashlib.sha256(secret.encode()).hexdigest()


def build_default_configuration() -> Json:
    """Return the place of the replication servers: the default VPC, until a user changes it."""
    return {
        "id": generate_id(),
        "name": "Default",
        "region": REGION,
        "subnetId": "",
        "replicatorSecurityGroupIDs": [],
        "replicationServerType": "Default",
        "converterType": "Default",
        "usePrivateIp": False,
        "useDedicatedServer": False,
        "bandwidthThrottling": 0,
        "volumeEncryptionAllowed": True,
        "volumeEncryptionKey": "",
        "replicationTags": [],
        "proxyUrl": "",
        "archivingEnabled": False,
        "storageLocationId": "",
        "objectStorageLocation": "",
    }


def _generate_installation_token() -> str:
    """Return a token of four times four groups of four characters, as the published tokens have."""
    alphabet = "0123456789ABCDEF"
    return "-".join("".join(secrets.choice(alphabet) for _ in range(4)) for _ in range(16))


def _write_credentials(settings: ConsoleSettings, project: Json, password: str, token: str) -> None:
    document = {
        "console_url": settings.world.console_url,
        "username": USER,
        "password": password,
        "user_api_token": token,
        "project_name": project["name"],
        "project_id": project["id"],
        "agent_installation_token": project["agentInstallationToken"],
    }
    settings.folder.mkdir(parents=True, exist_ok=True)
    path = settings.folder / CREDENTIALS
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(document, file, indent=2)
