"""The local price list has what the product asks for, in the form of the API."""

from __future__ import annotations

import json
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber
from settings import Settings

from operate.prices.cache import PriceCache
from operate.prices.price_list import read_prices
from operate.prices.queries import list_queries
from rehearsal.aws.exceptions import ApiError
from rehearsal.aws.pricing.api import PricingApi
from rehearsal.settings import REGION
from tests.unit.docs.pages import ROOT


class Registry:
    def register_actions(self, name: str, table: dict[str, Any]) -> None:
        self.name, self.table = name, table


@pytest.fixture
def api() -> PricingApi:
    return PricingApi(Registry())  # type: ignore[arg-type]


class Client:
    """Passes requests of the product to the API, and compares each answer with the model of boto3."""

    def __init__(self, api: PricingApi) -> None:
        self._api = api

    def get_products(self, **request: Any) -> dict[str, Any]:
        client: Any = boto3.session.Session("AKIDEXAMPLE", "x", region_name=REGION).client("pricing")
        answer = self._api.get_products(
            service_code=request["ServiceCode"], filters=request["Filters"], format_version=request["FormatVersion"]
        )
        with Stubber(client) as stub:
            stub.add_response("get_products", answer, request)
            found: dict[str, Any] = client.get_products(**request)
            return found


def test_the_product_finds_each_price_of_the_demo_site(api: PricingApi, tmp_path: Any) -> None:
    queries = list_queries(Settings.load(ROOT / "migration.toml"))

    found = read_prices(
        lambda: Client(api), queries, REGION, PriceCache(tmp_path / "prices.json", "local"), lambda: 0.0
    )

    assert found.problems == []
    assert set(found.known) == set(queries)


def test_filters_must_all_match(api: PricingApi) -> None:
    def find(**fields: str) -> list[Any]:
        filters = [{"Type": "TERM_MATCH", "Field": name, "Value": value} for name, value in fields.items()]
        return [json.loads(one) for one in api.get_products(service_code="AmazonEC2", filters=filters)["PriceList"]]

    assert len(find(instanceType="t3.small")) == 1
    assert find(instanceType="t3.small", operatingSystem="Windows") == []


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        ({"service_code": "AmazonSnowball"}, "NotFoundException"),
        (
            {"service_code": "AmazonEC2", "filters": [{"Type": "CONTAINS", "Field": "a", "Value": "b"}]},
            "InvalidParameterException",
        ),
    ],
)
def test_what_the_list_does_not_have_is_an_error(api: PricingApi, request_: dict[str, Any], code: str) -> None:
    with pytest.raises(ApiError) as refused:
        api.get_products(**request_)

    assert refused.value.code == code
