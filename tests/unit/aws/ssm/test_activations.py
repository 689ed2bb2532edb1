"""Hybrid activations: who may have one, how long and how often it registers, and what remains of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from rehearsal.aws.exceptions import ApiError
from rehearsal.aws.ssm.registrations import Registrations
from tests.unit.aws.ssm.conftest import ROLE, Service


def test_an_activation_registers_one_machine_for_a_day_unless_the_request_differs(service: Service) -> None:
    made = service.call("CreateActivation", iam_role=ROLE)
    (found,) = service.call("DescribeActivations")["ActivationList"]
    assert (found["RegistrationLimit"], found["RegistrationsCount"], found["Expired"]) == (1, 0, False)
    assert timedelta(hours=23) < found["ExpirationDate"] - datetime.now(UTC) <= timedelta(hours=24)
    assert made["ActivationCode"] not in str(found), "only the response to CreateActivation has the code"


@pytest.mark.parametrize("role", ["Missing", "Servers", "Nodes"])
def test_a_role_that_systems_manager_cannot_assume_is_refused(service: Service, role: str) -> None:
    # Nodes has the path service-role/, which belongs to its name here
    with pytest.raises(ApiError, match="Nonexistent role or missing ssm service principal in trust policy") as caught:
        service.call("CreateActivation", iam_role=role)
    assert caught.value.code == "ValidationException"


def test_a_role_with_a_path_is_named_with_it(service: Service) -> None:
    assert service.call("CreateActivation", iam_role="service-role/Nodes")["ActivationId"]


@pytest.mark.parametrize("days", [-1, 31])
def test_an_expiration_in_the_past_or_after_thirty_days_is_refused(service: Service, days: int) -> None:
    with pytest.raises(ApiError, match="expiration date"):
        service.call("CreateActivation", iam_role=ROLE, expiration_date=datetime.now(UTC) + timedelta(days=days))


def test_a_used_up_activation_registers_nothing_more(service: Service) -> None:
    activation = service.call("CreateActivation", iam_role=ROLE)
    assert service.register(activation)[0] == 200
    status, document = service.register(activation)
    assert (status, document["code"]) == (400, "ActivationExpired")
    assert "limit of 1" in document["message"]


def test_an_expired_activation_registers_nothing_and_keeps_its_nodes(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    activation = service.call("CreateActivation", iam_role=ROLE, registration_limit=5)
    assert service.register(activation)[0] == 200
    later = datetime.now(UTC) + timedelta(days=2)
    monkeypatch.setattr("rehearsal.aws.ssm.models.now", lambda: later)
    status, document = service.register(activation)
    assert (status, document["code"]) == (400, "ActivationExpired")
    assert service.call("DescribeActivations")["ActivationList"][0]["Expired"] is True
    assert len(service.registrations.list_nodes()) == 1


@pytest.mark.parametrize(
    "wrong", [{"activationCode": "other"}, {"activationId": "00000000-0000-0000-0000-000000000000"}]
)
def test_a_wrong_code_or_id_is_refused(service: Service, wrong: dict[str, Any]) -> None:
    activation = service.call("CreateActivation", iam_role=ROLE)
    status, document = service.register(activation, **wrong)
    assert (status, document["code"]) == (400, "InvalidActivation")


def test_a_deleted_activation_registers_nothing_and_keeps_its_nodes(service: Service) -> None:
    activation = service.call("CreateActivation", iam_role=ROLE, registration_limit=2)
    service.register(activation)
    service.call("DeleteActivation", activation_id=activation["ActivationId"])
    assert service.register(activation)[1]["code"] == "InvalidActivation"
    assert len(service.registrations.list_nodes()) == 1
    with pytest.raises(ApiError) as caught:
        service.call("DeleteActivation", activation_id=activation["ActivationId"])
    assert caught.value.code == "InvalidActivationId"


def test_activations_are_found_by_their_role(service: Service) -> None:
    service.call("CreateActivation", iam_role=ROLE, default_instance_name="forge")
    other = service.call("CreateActivation", iam_role="service-role/Nodes")
    by_role = [{"FilterKey": "IamRole", "FilterValues": ["service-role/Nodes"]}]
    found = service.call("DescribeActivations", filters=by_role)["ActivationList"]
    assert [one["ActivationId"] for one in found] == [other["ActivationId"]]


def test_a_limit_outside_of_one_to_a_thousand_is_refused() -> None:
    for limit in (0, 1001):
        with pytest.raises(ApiError, match="between 1 and 1000"):
            Registrations().create_activation(ROLE, limit=limit)
