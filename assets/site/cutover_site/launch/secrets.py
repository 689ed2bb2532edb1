"""Find the values that must not be in a log that leaves this machine."""

from __future__ import annotations

from cutover_site.application import load_behavior
from cutover_site.errors import SiteError
from cutover_site.machine import Machine

SITE_SECRET = "site_secret"
SECRET_NAMES = (SITE_SECRET, "database_app_secret", "source_database_secret")
"""keys of the parameter `replication`; a target has no permission to read the last"""
PUBLIC = frozenset({"username", "host", "port", "engine", "dbname"})
"""keys of secrets whose values are not secret and common in logs. The application's profile adds more"""
OF_TARGET = SECRET_NAMES[:2]


def find_known_secrets(machine: Machine) -> set[str]:
    """Return the values of the site's secrets and the secret values of the application's settings.

    Raises NotConfigured when one of them cannot be read.
    """
    application = machine.layout.application
    passed_over = {*PUBLIC, *application.secret.public, *application.secret.inherited}
    found: set[str] = set()
    for name in OF_TARGET if machine.has_role("target") else SECRET_NAMES:
        secret = machine.aws.read_secret(str(machine.get_fact(name)))
        found |= {value for key, value in secret.items() if key not in passed_over}
        if name == SITE_SECRET:
            found |= load_behavior(application).find_secret_values(machine.layout, secret)
    return found


def find_readable_secrets(machine: Machine) -> set[str]:
    """Return those of these values that this machine can read: of the secrets that its role permits, and of the settings on its disk."""
    application = machine.layout.application
    passed_over = {*PUBLIC, *application.secret.public, *application.secret.inherited}
    found: set[str] = set()
    site_secret: dict[str, str] = {}
    for name in OF_TARGET if machine.has_role("target") else SECRET_NAMES:
        try:
            secret = machine.aws.read_secret(str(machine.get_fact(name)))
        except SiteError:
            continue  # a machine without the permission has it in no file of the site either, or in the settings below
        found |= {value for key, value in secret.items() if key not in passed_over}
        site_secret = secret if name == SITE_SECRET else site_secret
    return found | load_behavior(application).find_secret_values(machine.layout, site_secret)
