"""The proxy of a replica or target of a site whose source has other addresses than a target.

The load balancers connect to the ports of the profile. On an adopted source the proxy has the addresses that the application had before, and
another proxy with the public ports may be in front of it. A target has a load balancer for that.
"""

from __future__ import annotations

from cutover_site.errors import NotConfigured
from cutover_site.layout import Layout
from cutover_site.system import systemd, textfiles

NAME = "target.cfg"
"""the target's haproxy.cfg, beside the other files of the proxy"""
PROXY_UNIT = "haproxy.service"


def install(layout: Layout) -> bool:
    """Let the proxy listen at the ports of a target, and nothing else at them. Return whether its settings changed.

    It does nothing for a site that is installed as its profile states. Raises NotConfigured when the disk has no settings for a target.
    """
    found = layout.installation
    if found is None:
        return False
    try:
        text = (layout.proxy / NAME).read_text()
    except OSError as error:
        raise NotConfigured(
            f"the settings of a target's proxy cannot be read: {error}",
            next_action="run `cutover-site adopt` on the source, then make a new test launch",
        ) from error
    for unit in found.other_fronts:
        systemd.stop(unit)
        systemd.disable(unit)
    changed = textfiles.replace(layout.proxy_configuration, text)
    if changed and systemd.is_active(PROXY_UNIT):
        systemd.restart(PROXY_UNIT)
    return changed
