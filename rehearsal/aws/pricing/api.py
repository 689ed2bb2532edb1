"""Handle the action of the Price List API that the product calls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rehearsal.aws.paging import cut_page
from rehearsal.aws.pricing import exceptions
from rehearsal.aws.pricing.products import PRODUCTS
from rehearsal.aws.pricing.responses import format_product
from rehearsal.aws.registry import Registry

PAGE = 100
"""products in a page, the most that the API allows"""


class PricingApi:
    """The Price List API with PRODUCTS. It compares with TERM_MATCH alone."""

    def __init__(self, registry: Registry) -> None:
        registry.register_actions("pricing", {"GetProducts": self.get_products})

    def get_products(
        self,
        *,
        service_code: str,
        filters: Sequence[Mapping[str, str]] = (),
        format_version: str = "aws_v1",
        next_token: str | None = None,
        max_results: int = PAGE,
    ) -> dict[str, Any]:
        """Return the products of a service that match every filter. ApiError for a service without products, and for another type of filter."""
        found = [one for one in PRODUCTS if one.service == service_code]
        if not found:
            raise exceptions.make_unknown_service(service_code)
        for one in filters:
            if one["Type"] != "TERM_MATCH":
                raise exceptions.make_unknown_filter(one["Type"])
            found = [product for product in found if product.get_value(one["Field"]) == one["Value"]]
        page, token = cut_page(found, next_token, min(max_results, PAGE))
        return {
            "FormatVersion": format_version,
            "PriceList": [format_product(product) for product in page],
            **({"NextToken": token} if token else {}),
        }
