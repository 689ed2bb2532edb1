"""The traces of AWS MGN: its agent's folder, its agent's installer with the log, and the scripts of the first boot.

MGN removes its agent from what it launches (https://docs.aws.amazon.com/mgn/latest/ug/Agent-Related-FAQ.html). An image must not depend on that.
"""

from __future__ import annotations

from cutover_site.providers.traces import Traces

TRACES = Traces(
    emptied=(),
    removed=("var/lib/aws-replication-agent", "opt/cutover/downloads/mgn-agent", "boot/post_launch/*"),
)
