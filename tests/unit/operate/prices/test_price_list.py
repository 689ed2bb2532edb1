"""Prices come from the Price List API, or are not known with the reason. The answers have the shape of botocore's model."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ConnectTimeoutError
from botocore.stub import Stubber
from settings import Settings

from operate.billed import add_prices, list_billed
from operate.prices.cache import VALID_SECONDS, PriceCache
from operate.prices.model import Price, Prices
from operate.prices.price_list import ALL_SECONDS, read_prices
from operate.prices.queries import Query, list_queries
from tests.unit.docs.pages import ROOT

REGION = "eu-central-1"
QUERY = Query(service="AmazonEC2", usage="BoxUsage:t3.medium", filters={"instanceType": "t3.medium"})
HOUR = Price(amount=0.048, unit="Hrs", currency="USD")


def build_product(
    usage: str = "EUC1-BoxUsage:t3.medium", amount: str = "0.0480000000", unit: str = "Hrs", begin: str = "0"
) -> str:
    """Return one product as the API does: a JSON text."""
    rate = {"unit": unit, "beginRange": begin, "endRange": "Inf", "pricePerUnit": {"USD": amount}, "description": "…"}
    terms = {
        "OnDemand": {"S.T": {"priceDimensions": {"S.T.R": rate}, "sku": "S"}},
        "Reserved": {"S.R": {"priceDimensions": {}}},
    }
    product = {"productFamily": "Compute Instance", "attributes": {"usagetype": usage}, "sku": "S"}
    return json.dumps(
        {"product": product, "serviceCode": "AmazonEC2", "terms": terms, "version": "1", "publicationDate": "…"}
    )


class PriceList:
    """A client of boto3 whose answers the stubber compares with the model of the service."""

    def __init__(self) -> None:
        session = boto3.session.Session("AKIDEXAMPLE", "x", region_name="us-east-1")
        self.client: Any = session.client("pricing", config=Config(retries={"total_max_attempts": 1}))
        self.stub = Stubber(self.client)
        self.made = 0

    def create(self) -> Any:
        self.made += 1
        return self.client

    def add_response(self, *products: str, token: str = "", expected: Mapping[str, Any] | None = None) -> None:
        page = {"FormatVersion": "aws_v1", "PriceList": list(products), **({"NextToken": token} if token else {})}
        self.stub.add_response("get_products", page, expected)


@pytest.fixture
def aws() -> PriceList:
    return PriceList()


def read(
    aws: PriceList,
    cache: PriceCache,
    queries: Mapping[str, Query] | None = None,
    now: float = 1000.0,
    region: str = REGION,
) -> Prices:
    with aws.stub:
        return read_prices(aws.create, queries or {"server": QUERY}, region, cache, lambda: now)


@pytest.fixture
def cache(tmp_path: Path) -> PriceCache:
    return PriceCache(tmp_path / ".cache/prices.json", "AWS")


def test_the_price_of_the_one_matching_product_is_read(aws: PriceList, cache: PriceCache) -> None:
    other = build_product("EUC1-UnusedBox:t3.medium", "0.9")
    filters = [
        {"Type": "TERM_MATCH", "Field": "regionCode", "Value": REGION},
        {"Type": "TERM_MATCH", "Field": "instanceType", "Value": "t3.medium"},
    ]
    aws.add_response(
        other, token="2", expected={"ServiceCode": "AmazonEC2", "Filters": filters, "FormatVersion": "aws_v1"}
    )
    aws.add_response(build_product())

    assert read(aws, cache) == Prices(known={"server": HOUR}, problems=[])
    aws.stub.assert_no_pending_responses()


@pytest.mark.parametrize(
    ("usage", "matches"),
    [
        ("BoxUsage:t3.medium", True),
        ("EUC1-BoxUsage:t3.medium", True),
        ("EUC1-HostBoxUsage:t3.medium", False),
        ("BoxUsage:t3.medium2", False),
    ],
)
def test_the_usage_type_may_begin_with_a_region(usage: str, matches: bool) -> None:
    assert QUERY.is_match({"usagetype": usage}) is matches


def test_of_a_price_in_steps_the_first_is_meant(aws: PriceList, cache: PriceCache) -> None:
    aws.add_response(build_product(), build_product(amount="0.01", begin="51200"))

    assert read(aws, cache).known == {"server": HOUR}


@pytest.mark.parametrize(
    ("products", "reason"),
    [([], "has no such product"), ([build_product(), build_product(amount="0.05")], "has 2 prices of it")],
)
def test_none_or_several_prices_are_no_price(
    aws: PriceList, cache: PriceCache, products: list[str], reason: str
) -> None:
    aws.add_response(*products)

    found = read(aws, cache)

    assert found.known == {}
    assert reason in found.problems[0]
    assert REGION in found.problems[0]


def test_a_refusal_names_the_permission_and_nothing_more_is_asked(aws: PriceList, cache: PriceCache) -> None:
    aws.stub.add_client_error("get_products", "AccessDeniedException", "not authorized")

    found = read(aws, cache, {"a": QUERY, "b": QUERY})

    assert found.problems == [
        "prices are not known: your credentials are not allowed pricing:GetProducts; allow it, or look at the AWS Pricing Calculator"
    ]


def test_a_network_without_the_api_is_one_sentence(cache: PriceCache) -> None:
    def fail() -> Any:
        raise ConnectTimeoutError(endpoint_url="https://api.pricing.us-east-1.amazonaws.com/")

    found = read_prices(fail, {"a": QUERY, "b": QUERY}, REGION, cache, lambda: 0.0)

    assert len(found.problems) == 1
    assert "prices are not known: pricing:GetProducts" in found.problems[0]


def test_the_time_for_all_prices_is_limited(aws: PriceList, cache: PriceCache) -> None:
    moments = iter([0.0, 0.0, 1.0, ALL_SECONDS + 1, ALL_SECONDS + 1, ALL_SECONDS + 1])
    aws.add_response(build_product())
    other = Query(service="AmazonEC2", usage="x", filters={})
    with aws.stub:
        found = read_prices(aws.create, {"a": QUERY, "b": other}, REGION, cache, lambda: next(moments))

    assert set(found.known) == {"a"}
    assert "took longer than 20 s" in found.problems[0]


def test_a_price_is_asked_for_once_a_day(aws: PriceList, tmp_path: Path) -> None:
    path = tmp_path / ".cache/prices.json"
    aws.add_response(build_product())
    read(aws, PriceCache(path, "AWS"))

    again = read(aws, PriceCache(path, "AWS"), now=1000 + VALID_SECONDS - 1)
    assert (again.known, aws.made) == ({"server": HOUR}, 1)

    aws.add_response(build_product(amount="0.05"))
    later = read(aws, PriceCache(path, "AWS"), now=1000 + VALID_SECONDS)
    assert later.known["server"].amount == 0.05


def test_prices_of_another_endpoint_or_region_are_not_taken(aws: PriceList, tmp_path: Path) -> None:
    path = tmp_path / "prices.json"
    aws.add_response(build_product())
    read(aws, PriceCache(path, "http://10.0.0.1:4566"))

    assert PriceCache(path, "AWS").find(REGION, QUERY, 1000) is None
    assert PriceCache(path, "http://10.0.0.1:4566").find("us-east-1", QUERY, 1000) is None


@pytest.mark.parametrize("text", ["", "[]", "{", '{"AWS": 1}'])
def test_a_damaged_cache_is_like_an_empty_one(aws: PriceList, tmp_path: Path, text: str) -> None:
    path = tmp_path / "prices.json"
    path.write_text(text)
    aws.add_response(build_product())

    assert read(aws, PriceCache(path, "AWS")).known == {"server": HOUR}


def test_a_region_without_a_price_list_is_not_asked_for(aws: PriceList, cache: PriceCache) -> None:
    found = read(aws, cache, region="cn-north-1")

    assert (found.known, aws.made) == ({}, 0)
    assert "China" in found.problems[0]


def test_a_resource_has_a_price_only_if_all_its_parts_have_one() -> None:
    storage = Price(amount=0.2, unit="GB-Mo", currency="USD")

    assert Prices(known={"rds": HOUR}).describe((("rds", 1), ("storage", 20))) == "not known"
    both = Prices(known={"rds": HOUR, "storage": storage})
    assert (
        both.describe((("rds", 1), ("storage", 20)))
        == "0.048 USD for each hour and 0.2 USD for each GB and month (about 39.04 USD a month)"
    )
    assert both.describe((("storage", None),)) == "0.2 USD for each GB and month"
    assert both.describe(()) == "not known"


def test_every_part_of_the_plan_is_a_query() -> None:
    settings = Settings.load(ROOT / "migration.toml")
    queries = list_queries(settings)
    billed = add_prices(list_billed(settings), Prices(known=dict.fromkeys(queries, HOUR)))

    assert {key for one in billed for key, _ in one.parts} == set(queries)
    assert [one.what for one in billed if one.price == "not known"] == [one.what for one in billed if not one.parts]
