"""Format products as the Price List API returns them: each is a JSON text."""

from __future__ import annotations

import json
import zlib
from typing import Any

from rehearsal.aws.pricing.models import Product


def format_product(product: Product) -> str:
    """Return the JSON text of a product with its price on demand."""
    sku = f"{zlib.crc32(f'{product.service} {product.family} {product.usage}'.encode()):08X}"
    rate = {
        "unit": product.unit,
        "beginRange": "0",
        "endRange": "Inf",
        "description": "rehearsal",
        "appliesTo": [],
        "rateCode": f"{sku}.LOCAL.1",
        "pricePerUnit": {"USD": product.price},
    }
    term = {"priceDimensions": {f"{sku}.LOCAL.1": rate}, "sku": sku, "offerTermCode": "LOCAL", "termAttributes": {}}
    described: dict[str, Any] = {
        "productFamily": product.family,
        "attributes": product.list_attributes(),
        "sku": sku,
    }
    terms = {"OnDemand": {f"{sku}.LOCAL": term}}
    return json.dumps({"product": described, "serviceCode": product.service, "terms": terms, "version": "1"})
