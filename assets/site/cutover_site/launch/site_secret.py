"""Copy the source's site secret into the secret of the site that stays. The targets read only that copy."""

from __future__ import annotations

from cutover_site.machine import Machine


def copy_to_target(machine: Machine) -> bool:
    """Copy every key: the application's own key, what a target inherits, the administrator, the acceptance user.

    Return whether the copy has changed. Raises NotConfigured when the source's secret is not complete, or when this machine may
    not write the copy. The caller has checked that the run is undecided: after a commit the copy belongs to the site alone.
    """
    secret = machine.read_site_secret()
    copy = str(machine.get_fact("target_site_secret"))
    if machine.aws.read_secret(copy) == secret:
        return False
    machine.aws.store_secret(copy, secret)
    return True
