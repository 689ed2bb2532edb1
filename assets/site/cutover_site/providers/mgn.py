"""The traces of AWS MGN: its agent's folder, its agent's installer with the log, and the scripts of the first boot. What its agent requires.

MGN removes its agent from what it launches (https://docs.aws.amazon.com/mgn/latest/ug/Agent-Related-FAQ.html). An image must not depend on that.
Requirements: https://docs.aws.amazon.com/mgn/latest/ug/installation-requirements.html, .../Supported-Operating-Systems.html and
.../Troubleshooting-Agent-Issues.html, as the playbook's module mgn_requirements has them.
"""

from __future__ import annotations

from cutover_site.providers.requirements import ForeignAgent, Requirements
from cutover_site.providers.traces import Traces

TRACES = Traces(
    emptied=(),
    removed=("var/lib/aws-replication-agent", "opt/cutover/downloads/mgn-agent", "boot/post_launch/*"),
)
REQUIREMENTS = Requirements(
    name="AWS MGN",
    systems={"debian": ("11",), "ubuntu": ("22.04", "24.04")},
    uncertain={"debian": ("12",)},
    processors=("x86_64",),
    kernels_refused=(("4.9.256",), ("-azure",)),
    needs_headers=True,
    free_bytes={"/": 2 * 1024**3, "/tmp": 500 * 1000**2},
    foreign_agents=(
        ForeignAgent(
            "the agent of CloudEndure is installed (/var/lib/cloudendure)",
            "uninstall it; this ends the replication of CloudEndure for this server",
            path="var/lib/cloudendure",
        ),
        ForeignAgent(
            "the driver CE_AgentDriver of CloudEndure or AWS DRS is loaded",
            "uninstall that agent, then run rmmod CE_AgentDriver",
            module="CE_AgentDriver",
        ),
        ForeignAgent(
            "an agent of AWS DRS or AWS MGN that the playbook did not install is there (/var/lib/aws-replication-agent)",
            "disconnect the server in that service, which uninstalls the agent, or uninstall it here",
            path="var/lib/aws-replication-agent",
            own_record="opt/cutover/downloads/mgn-agent/aws-replication-installer-init",
        ),
    ),
)
