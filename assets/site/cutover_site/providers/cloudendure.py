"""CloudEndure: its agent's folder, that of the conversion, and the scripts that it runs at the first boot."""

from __future__ import annotations

from cutover_site.providers.traces import Traces

TRACES = Traces(
    emptied=("var/lib/cloudendure-conversion",),
    removed=("boot/ce_conversion/*", "boot/post_launch/*", "var/lib/cloudendure"),
)
