"""The headers that name a user, and their deletion by the proxy."""

from dataclasses import replace
from pathlib import Path

import applications
import jinja2
import pytest
import yaml
from cutover_site.errors import NotConfigured
from cutover_site.gogs import identity
from cutover_site.gogs.app_ini import configure
from cutover_site.gogs.ini import parse
from cutover_site.gogs.layout import GogsLayout

from tests.unit.site.test_app_ini import INSTANCE

ROLE = Path(__file__).parents[3] / "assets/ansible/roles/reverse_proxy"
ON = "[auth]\nENABLE_REVERSE_PROXY_AUTHENTICATION = true\n"
NAMED = f"{ON}REVERSE_PROXY_AUTHENTICATION_HEADER = X-Remote-User\n"


def write_proxy_configuration(layout: GogsLayout, headers: list[str]) -> None:
    profile = applications.load("gogs")
    variables = {
        **yaml.safe_load((ROLE / "defaults/main.yml").read_text()),
        "profile": profile.to_values(),
        "proxy_binds": {port.name: f":{port.number}" for port in profile.ports},
        "proxy_upstreams": {port.name: f"127.0.0.1:{port.upstream}" for port in profile.ports},
        "proxy_identity_headers": headers,
    }
    layout.proxy_configuration.parent.mkdir(parents=True)
    layout.proxy_configuration.write_text(
        jinja2.Template((ROLE / "templates/haproxy.cfg.j2").read_text()).render(variables)
    )


@pytest.fixture
def layout(tmp_path: Path) -> GogsLayout:
    made = GogsLayout(tmp_path)
    made.app_ini.parent.mkdir(parents=True)
    return made


@pytest.mark.parametrize(
    ("text", "headers"),
    [
        ("", ["X-WEBAUTH-USER"]),
        (ON, ["X-WEBAUTH-USER"]),
        (NAMED, ["X-WEBAUTH-USER", "X-Remote-User"]),
        (NAMED.replace("true", "yes"), ["X-WEBAUTH-USER", "X-Remote-User"]),
        (NAMED.replace("true", "false"), ["X-WEBAUTH-USER"]),
        ("[service]\nENABLE_REVERSE_PROXY_AUTHENTICATION = true\n[security]\nREVERSE_PROXY_AUTHENTICATION_USER = X-User\n", ["X-WEBAUTH-USER", "X-User"]),
        (f"{ON}REVERSE_PROXY_AUTHENTICATION_HEADER = x-webauth-user\n", ["X-WEBAUTH-USER"]),
        (f"NAME = X-From-Above\n{ON}REVERSE_PROXY_AUTHENTICATION_HEADER = %(NAME)s\n", ["X-WEBAUTH-USER", "X-From-Above"]),
    ],
)  # fmt: skip
def test_the_headers_are_those_that_gogs_would_accept(text: str, headers: list[str]) -> None:
    assert identity.list_headers(parse(text)) == headers


@pytest.mark.parametrize(
    "name", ["X Remote", "X-Remote:", "X-Ü", "`X-A\nhttp-request allow`", "Authorization", "cookie", "-X", "X" * 200]
)
def test_a_header_name_that_the_proxy_could_not_delete_is_rejected(name: str) -> None:
    with pytest.raises(NotConfigured, match="REVERSE_PROXY_AUTHENTICATION_HEADER"):
        identity.list_headers(parse(f"{ON}REVERSE_PROXY_AUTHENTICATION_HEADER = {name}\n"))


def test_a_proxy_that_deletes_the_header_is_no_problem(layout: GogsLayout) -> None:
    write_proxy_configuration(layout, ["X-WEBAUTH-USER", "X-Remote-User"])
    layout.app_ini.write_text(NAMED)
    found = identity.read_facts(layout)
    assert "nobody has sent one" in found.pop("warning")
    assert found == {"enabled": True, "problem": "", "senders": []}
    identity.require_deletion(layout, parse(NAMED))


def test_a_header_renamed_after_the_playbook_is_a_problem(layout: GogsLayout) -> None:
    write_proxy_configuration(layout, ["X-WEBAUTH-USER"])
    layout.app_ini.write_text(NAMED)
    assert "hands on X-Remote-User" in identity.read_facts(layout)["problem"]
    with pytest.raises(NotConfigured, match="hands on X-Remote-User"):
        identity.require_deletion(layout, parse(NAMED))


def test_an_unreadable_proxy_configuration_is_a_problem(layout: GogsLayout) -> None:
    layout.app_ini.write_text(ON)
    assert "cannot be read" in identity.read_facts(layout)["problem"]


def test_a_machine_without_app_ini_is_a_problem(layout: GogsLayout) -> None:
    assert "cannot be read" in identity.read_facts(layout)["problem"]


def test_a_site_without_header_authentication_needs_no_deletion(layout: GogsLayout) -> None:
    layout.app_ini.write_text("APP_NAME = x\n")
    assert identity.read_facts(layout) == {"enabled": False}
    identity.require_deletion(layout, parse(""))


def test_gogs_trusts_no_proxy_unless_the_site_configures_one() -> None:
    layout = GogsLayout(Path("/"))
    assert configure(parse(ON), INSTANCE, layout).has("auth", "TRUSTED_PROXY_IPS")
    assert (
        configure(parse(f"{ON}TRUSTED_PROXY_IPS = 10.0.0.9\n"), INSTANCE, layout).get("auth", "TRUSTED_PROXY_IPS")
        == "10.0.0.9"
    )
    assert not configure(parse(""), replace(INSTANCE, mail=False), layout).has("auth", "TRUSTED_PROXY_IPS")
