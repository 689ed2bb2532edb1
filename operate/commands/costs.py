"""`cutover costs`."""

from __future__ import annotations

from operate.app import App
from operate.costs import add_prices, list_costs
from operate.options import command


@command("costs")
def costs(app: App) -> None:
    """List what is billed, and what removes it.

    The prices are list prices of the AWS Price List API, without taxes, discounts and traffic. What it does not have is not known, and none is made up.
    """
    prices, settings = app.read_prices(), app.settings
    found = add_prices(
        list_costs(app.site), prices, storage_gib=settings.database.storage_gib, servers=settings.target.minimum
    )
    for one in found.resources:
        app.output.print_line(
            f"{one.owner}: {one.what} ({one.resource_id}); ends with: {one.ends_with}; price {one.price}"
        )
    for text in found.unchecked:
        app.output.print_line(f"not checked: {text}; look at them there")
    for text in prices.problems:
        app.output.print_line(text)
    app.output.print_line(f"{len(found.resources)} resources are billed while they exist")
    app.output.finish(
        {
            "resources": [one.to_json() for one in found.resources],
            "unchecked": found.unchecked,
            "price_notes": list(prices.problems),
        }
    )
