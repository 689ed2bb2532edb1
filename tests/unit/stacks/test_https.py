"""The load balancer of a site with a certificate."""

from __future__ import annotations

from typing import Any

from settings import Settings

from tests.unit.docs.pages import page

SERVERS = "ServersStack"
CERTIFICATE = "arn:aws:acm:us-east-1:111122223333:certificate/0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9"


def _read_listeners(templates: Any) -> dict[int, Any]:
    """Return the properties of the HTTP load balancer's listeners by their port."""
    listeners = (
        one["Properties"] for one in templates.resources(SERVERS, "AWS::ElasticLoadBalancingV2::Listener").values()
    )
    return {one["Port"]: one for one in listeners if one["Protocol"] in {"HTTP", "HTTPS"}}


def test_a_site_without_a_certificate_serves_at_port_80(templates: Any) -> None:
    listeners = _read_listeners(templates)
    assert {port: one["DefaultActions"][0]["Type"] for port, one in listeners.items()} == {80: "forward"}


def test_a_site_with_a_certificate_redirects_port_80_with_the_status_of_the_runbook(
    settings: Settings, synthesized: Any
) -> None:
    # Given a site with a certificate
    site = settings.site.model_copy(update={"certificate_arn": CERTIFICATE})
    listeners = _read_listeners(synthesized(settings.model_copy(update={"site": site})))

    # Then port 443 serves with it, and port 80 redirects there
    assert listeners[443]["Certificates"] == [{"CertificateArn": CERTIFICATE}]
    assert listeners[443]["DefaultActions"][0]["Type"] == "forward"
    (redirect,) = listeners[80]["DefaultActions"]
    assert redirect["RedirectConfig"] == {"Port": "443", "Protocol": "HTTPS", "StatusCode": "HTTP_301"}

    # And the runbook names this status, because some clients then repeat a change as a GET
    (row,) = (row for row in page("docs/runbook.md").table("Before") if row[0].text == "HTTPS")
    assert redirect["RedirectConfig"]["StatusCode"].removeprefix("HTTP_") in row[1].spans
