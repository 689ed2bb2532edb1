"""The client of the Price List API. It has its endpoint in a few regions only, and its responses are lists of JSON texts."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from common.clients.aws import DENIED, get_error_code

from operate.prices.cache import PriceCache
from operate.prices.model import Price, Prices
from operate.prices.queries import Query

ENDPOINT_REGION = "us-east-1"
"""the API has endpoints in us-east-1, eu-central-1 and ap-south-1, each with the prices of all regions"""
ACTION = "pricing:GetProducts"
ALL_SECONDS = 20.0
"""for all prices together: a price that is not known by then is not worth a longer wait"""
MAX_PAGES = 10
CHINA = "cn-"


class PriceUnknownError(Exception):
    """A price is not known. The message is a part of a sentence."""


def read_prices(
    create_client: Callable[[], Any],
    queries: Mapping[str, Query],
    region: str,
    cache: PriceCache,
    now: Callable[[], float],
) -> Prices:
    """Return the prices that are known, and why others are not. Raises nothing: a price is never needed.

    `create_client`: of the service `pricing`, with short time limits; it is called only when the cache lacks a price.
    """
    if region.startswith(CHINA):
        return Prices(problems=["prices are not known: the Price List API has none of the regions in China"])
    known, problems, client, deadline = dict[str, Price](), list[str](), None, now() + ALL_SECONDS
    for key, query in queries.items():
        price = cache.find(region, query, now())
        if price is None and now() > deadline:
            problems.append(f"some prices were not asked for: the Price List API took longer than {ALL_SECONDS:.0f} s")
            break
        try:
            if price is None:
                client = client or create_client()
                price = _read_price(client, query, region)
        except PriceUnknownError as unknown:
            problems.append(f"the price of {query.usage} is not known: {unknown}")
        except (ClientError, BotoCoreError) as error:
            if isinstance(error, ClientError) and get_error_code(error) == "NotFoundException":
                problems.append(f"the price of {query.usage} is not known: the price list has no {query.service}")
                continue
            problems.append(_describe_failure(error))
            break  # the next request would fail too, and take its time
        else:
            known[key] = price
            cache.keep(region, query, price, now())
    cache.save()
    return Prices(known=known, problems=problems)


def _describe_failure(error: ClientError | BotoCoreError) -> str:
    if isinstance(error, ClientError) and get_error_code(error) in DENIED:
        return f"prices are not known: your credentials are not allowed {ACTION}; allow it, or look at the AWS Pricing Calculator"
    return f"prices are not known: {ACTION}: {error}"


def _read_price(client: Any, query: Query, region: str) -> Price:
    """Return the one price of a product. Raises PriceUnknownError when the list has none or several."""
    found = {price for product in _list_products(client, query, region) for price in _list_prices(product)}
    if not found:
        raise PriceUnknownError(f"the price list of {query.service} has no such product in {region}")
    if len(found) > 1:
        raise PriceUnknownError(f"the price list of {query.service} has {len(found)} prices of it in {region}")
    return found.pop()


def _list_products(client: Any, query: Query, region: str) -> Iterator[Mapping[str, Any]]:
    request: dict[str, Any] = {
        "ServiceCode": query.service,
        "Filters": query.build_filters(region),
        "FormatVersion": "aws_v1",
    }
    for _ in range(MAX_PAGES):
        page = client.get_products(**request)
        for text in page["PriceList"]:
            product = json.loads(text)
            if query.is_match(product["product"]["attributes"]):
                yield product
        if not page.get("NextToken"):
            return
        request["NextToken"] = page["NextToken"]
    raise PriceUnknownError(f"the price list of {query.service} has more than {MAX_PAGES} pages of such products")


def _list_prices(product: Mapping[str, Any]) -> Iterator[Price]:
    """Yield the prices on demand of a product. Of a price in steps, such as by amount, only the first step is meant."""
    for term in product.get("terms", {}).get("OnDemand", {}).values():
        for rate in term["priceDimensions"].values():
            if str(rate.get("beginRange", "0")) == "0":
                for currency, amount in rate["pricePerUnit"].items():
                    yield Price(amount=float(amount), unit=str(rate["unit"]), currency=currency)
