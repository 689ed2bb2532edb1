"""Send the control commands on networks and machines outside of AWS to a running world."""

from __future__ import annotations

from typing import Any

import requests

from rehearsal.errors import RehearsalError
from rehearsal.settings import Settings

SECONDS = 300.0


def send_command(settings: Settings, command: str, /, **arguments: Any) -> None:
    """Send a command of rehearsal.on_premises.machines. Raises RehearsalError with the reason when it cannot be done."""
    url = f"{settings.aws_url}/_rehearsal/commands/on-premises/{command}"
    try:
        response = requests.post(url, json=arguments, timeout=SECONDS)
    except requests.RequestException as error:
        raise RehearsalError(f"The world at {settings.aws_url} does not respond: {error}") from error
    if not response.ok:
        raise RehearsalError(f"on-premises/{command}: {response.json().get('reason', response.text)}")
