"""`cutover costs`."""

from __future__ import annotations

from operate.app import App
from operate.costs import PRICE, list_costs
from operate.options import command


@command("costs")
def costs(app: App) -> None:
    """List what is billed, and what removes it.

    Prices depend on region and contract: they are not known here, and none is made up.
    """
    found = list_costs(app.site)
    for one in found.resources:
        app.output.print_line(f"{one.owner}: {one.what} ({one.resource_id}); ends with: {one.ends_with}")
    for text in found.unchecked:
        app.output.print_line(f"not checked: {text}; look at them there")
    app.output.print_line(f"{len(found.resources)} resources are billed while they exist; prices {PRICE}")
    app.output.finish({"resources": [one.to_json() for one in found.resources], "unchecked": found.unchecked})
