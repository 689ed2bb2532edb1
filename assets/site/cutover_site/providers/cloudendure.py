"""The traces of CloudEndure: its agent's folder, the folder of the conversion, and the scripts of the first boot. What its agent requires."""

from __future__ import annotations

from cutover_site.providers.requirements import ForeignAgent, Requirements
from cutover_site.providers.traces import Traces

TRACES = Traces(
    emptied=("var/lib/cloudendure-conversion",),
    removed=("boot/ce_conversion/*", "boot/post_launch/*", "var/lib/cloudendure"),
)
REQUIREMENTS = Requirements(
    name="CloudEndure",
    # The systems that the playbooks support.
    systems={"debian": ("11", "12"), "ubuntu": ("22.04", "24.04")},
    uncertain={},
    processors=("x86_64",),
    kernels_refused=((), ()),
    needs_headers=False,
    free_bytes={},
    foreign_agents=(
        ForeignAgent(
            "an agent of AWS MGN or AWS DRS is installed (/var/lib/aws-replication-agent)",
            "disconnect the server in that service, which uninstalls the agent, or set [provider] kind to mgn",
            path="var/lib/aws-replication-agent",
        ),
    ),
)
