"""The traces of CloudEndure: its agent's folder, the folder of the conversion, and the scripts of the first boot."""

from __future__ import annotations

from cutover_site.providers.traces import Traces

TRACES = Traces(
    emptied=("var/lib/cloudendure-conversion",),
    removed=("boot/ce_conversion/*", "boot/post_launch/*", "var/lib/cloudendure"),
)
