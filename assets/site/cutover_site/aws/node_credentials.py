"""The credentials of a hybrid node, which its SSM Agent gets from Systems Manager and writes into root's shared credentials file.

The agent renews them at half of their time, about every 30 minutes, and writes the place and the end of the credentials into its runtime configuration
(amazon-ssm-agent: core/app/credentialrefresher, common/runtimeconfig). The file is `/root/.aws/credentials` with the profile
`default`, unless AWS_SHARED_CREDENTIALS_FILE of the agent or `ShareProfile` of its settings say otherwise ("SSM Agent
credentials precedence" of the Systems Manager user guide). With `ShareCreds` off, it writes none.
"""

from __future__ import annotations

import configparser
import json
import time
from calendar import timegm
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from botocore.credentials import CredentialProvider, Credentials
from botocore.exceptions import BotoCoreError

RUNTIME_CONFIGURATION = "var/lib/amazon/ssm/runtimeconfig/identity_config.json"
DEFAULT_FILE, DEFAULT_PROFILE = "root/.aws/credentials", "default"
KEYS = ("aws_access_key_id", "aws_secret_access_key", "aws_session_token")
RESTART = "restart amazon-ssm-agent on it; its reasons are in /var/log/amazon/ssm/errors.log"


class NodeCredentialsUnusable(BotoCoreError):
    """The node's credentials are missing, expired, or another node's. The message is one sentence with what to do."""

    fmt = "{reason}"


@dataclass(frozen=True)
class AgentState:
    """What the SSM Agent writes about its identity. `expires_at`: seconds since 1970; 0 where it is not known."""

    node_id: str
    file: str
    profile: str
    expires_at: float


def read_agent_state(root: Path) -> AgentState:
    """Return the agent's state; the defaults where the agent has not written it, as before version 3.1."""
    try:
        found = json.loads((root / RUNTIME_CONFIGURATION).read_text())
    except (OSError, ValueError):
        found = {}
    raw: dict[str, Any] = found if isinstance(found, dict) else {}
    return AgentState(
        node_id=str(raw.get("InstanceId") or ""),
        file=str(raw.get("ShareFile") or "").lstrip("/") or DEFAULT_FILE,
        profile=str(raw.get("ShareProfile") or DEFAULT_PROFILE),
        expires_at=_parse_time(str(raw.get("CredentialsExpiresAt") or "")),
    )


def read_node_credentials(root: Path, node_id: str, now: float) -> Credentials:
    """Return the node's present credentials. Raises NodeCredentialsUnusable."""
    state = read_agent_state(root)
    if state.node_id and state.node_id != node_id:
        raise NodeCredentialsUnusable(
            reason=f"the SSM Agent of this machine is registered as {state.node_id}, and site.json names {node_id}:"
            f" adopt the machine with the node id {state.node_id}, and write it into migration.toml"
        )
    values = _read_profile(root / state.file, state.profile)
    if not values[0] or not values[1]:
        raise NodeCredentialsUnusable(
            reason=f"{node_id} has no credentials in /{state.file} (profile {state.profile}), where its SSM Agent writes them: {RESTART};"
            " ShareCreds in its settings must not be false"
        )
    if 0 < state.expires_at <= now:
        ended = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(state.expires_at))
        raise NodeCredentialsUnusable(
            reason=f"the credentials of {node_id} in /{state.file} expired at {ended} UTC, and its SSM Agent has not renewed them: {RESTART}"
        )
    return Credentials(values[0], values[1], values[2] or None)


class NodeCredentials(Credentials):
    """Credentials that are read again for each request, because a prefork worker lives longer than they do."""

    def __init__(self, root: Path, node_id: str) -> None:
        self._root, self._node_id = root, node_id
        first = read_node_credentials(root, node_id, time.time())
        super().__init__(first.access_key, first.secret_key, first.token, method=NodeCredentialProvider.METHOD)

    def get_frozen_credentials(self) -> Any:
        """Return the present credentials. Raises NodeCredentialsUnusable."""
        return read_node_credentials(self._root, self._node_id, time.time()).get_frozen_credentials()


class NodeCredentialProvider(CredentialProvider):
    """Gives a session the credentials of this hybrid node, and no others that may be on the machine."""

    METHOD = CANONICAL_NAME = "cutover-hybrid-node"

    def __init__(self, root: Path, node_id: str) -> None:
        super().__init__()
        self._root, self._node_id = root, node_id

    def load(self) -> Credentials:
        """Return the credentials. Raises NodeCredentialsUnusable."""
        return NodeCredentials(self._root, self._node_id)


def _read_profile(path: Path, profile: str) -> list[str]:
    parser = configparser.RawConfigParser()
    try:
        parser.read_string(path.read_text())
    except (OSError, ValueError, configparser.Error):
        return [""] * len(KEYS)
    return [parser.get(profile, key, fallback="").strip() for key in KEYS]


def _parse_time(text: str) -> float:
    """Return the seconds since 1970 of Go's format of a time in UTC; 0 for its zero time and for another zone."""
    try:
        moment = time.strptime(text[:19], "%Y-%m-%dT%H:%M:%S")
    except ValueError:
        return 0.0
    return float(timegm(moment)) if text.endswith("Z") and moment.tm_year > 1970 else 0.0
