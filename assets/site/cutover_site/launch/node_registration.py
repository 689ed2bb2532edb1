"""Remove the registration of a hybrid node from a replica of it, so that Systems Manager knows the replica as an EC2 instance.

SSM Agent prefers a registration on the disk to the identity of the instance (amazon-ssm-agent, `DefaultIdentityConsumptionOrder`: OnPrem,
EC2). On other hardware Systems Manager rejects it (MachineFingerprintDoesNotMatch), and the agent then waits for a day (core/app/credentialrefresher).
Until then no command would reach the replica. The registration has a private key, and the credentials are secrets too.
"""

from __future__ import annotations

import logging
from pathlib import Path

from cutover_site.aws.node_credentials import RUNTIME_CONFIGURATION, read_agent_state
from cutover_site.layout import Layout
from cutover_site.node import HYBRID
from cutover_site.system import systemd
from cutover_site.system.erase import erase

LOG = logging.getLogger(__name__)
UNITS = ("amazon-ssm-agent.service", "snap.amazon-ssm-agent.amazon-ssm-agent.service")
REGISTRATION = "var/lib/amazon/ssm/Vault/Store/RegistrationKey"
FORMER_REGISTRATION = "var/lib/amazon/ssm/registration"
"""of an agent before version 2.3 and of the older layout of its vault"""
FILES = (
    REGISTRATION,
    FORMER_REGISTRATION,
    "var/lib/amazon/ssm/Vault/Store/InstanceFingerprint",
    "var/lib/amazon/ssm/Vault/Manifest",
    RUNTIME_CONFIGURATION,
)


def has_registration(layout: Layout) -> bool:
    """Return whether the disk has the registration of a hybrid node."""
    return any((layout.root / path).exists() for path in (REGISTRATION, FORMER_REGISTRATION))


def remove_node_registration(layout: Layout) -> bool:
    """Remove the registration and the agent's credentials, and start the agent as that of an EC2 instance. Return whether there was one.

    Only for a replica. Raises CommandFailed when the agent cannot be stopped or started.
    """
    if not has_registration(layout):
        return False
    state = read_agent_state(layout.root)
    units = [unit for unit in UNITS if systemd.is_loaded(unit)]
    for unit in units:
        systemd.stop(unit)
    if state.node_id.startswith(HYBRID) or not state.node_id:
        erase(layout.root / state.file)
    for path in _order(layout.root):
        erase(path)
    for unit in units:
        systemd.start(unit)
    LOG.info("the registration of the hybrid node %s is removed", state.node_id or "(unknown)")
    return True


def _order(root: Path) -> list[Path]:
    """Return the files, the registration last, because an interrupted removal is repeated while it exists."""
    return [root / path for path in sorted(FILES, key=lambda path: path in (REGISTRATION, FORMER_REGISTRATION))]
