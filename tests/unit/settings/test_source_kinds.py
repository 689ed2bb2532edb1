"""The tables whose `kind` selects their keys: [source] and [source.network]. A key of another kind is rejected with advice."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from settings.sources import DemoSource

from tests.unit.settings.loading import change, load, number_of, refusal
from tests.unit.sources.tables import CONFIGURATION, PEERED, ROUTED, format_configuration

DEMO = CONFIGURATION.read_text(encoding="utf-8")


def test_the_demo_is_the_default(tmp_path: Path) -> None:
    assert isinstance(load(tmp_path, DEMO.replace('kind = "demo"\n', "")).source, DemoSource)
    assert load(tmp_path, DEMO.replace('kind = "demo"\n', "")) == load(tmp_path, DEMO)


@pytest.mark.parametrize(
    ("text", "line", "key", "what", "table", "kind", "owner"),
    [
        (change(ROUTED, 'kind = "existing"\n', 'kind = "existing"\napp_instance_type = "t3.medium"\n'), "app_instance_type", "source.app_instance_type",
         "key", "source", "existing", "demo"),
        (change(ROUTED, 'kind = "existing"\n', 'kind = "existing"\ndemo_content = true\n'), "demo_content", "source.demo_content",
         "key", "source", "existing", "demo"),
        (format_configuration(ROUTED + '\n[source.discovery_agent]\narchive_url = "https://example.com/a"\n'), "[source.discovery_agent]",
         "source.discovery_agent", "table", "source", "existing", "demo"),
        (format_configuration(ROUTED) + '\n[gogs]\nversion = "0.14.3"\n', "[gogs]", "gogs", "table", "source", "existing", "demo"),
        (DEMO + '\n[source.secrets]\nsite = "forge/site"\n', "[source.secrets]", "source.secrets", "table", "source", "demo", "existing"),
        (DEMO + '\n[source.application]\nnode_id = "i-0a1b2c3d4e5f60718"\n', "[source.application]", "source.application",
         "table", "source", "demo", "existing"),
        (change(ROUTED, 'kind = "routed"\n', 'kind = "routed"\nvpc_id = "vpc-0123456789abcdef0"\n'), "vpc_id", "source.network.vpc_id",
         "key", "network", "routed", "peered"),
        (change(PEERED, 'kind = "peered"\n', 'kind = "peered"\ngateway_id = "tgw-0123456789abcdef0"\n'), "gateway_id", "source.network.gateway_id",
         "key", "network", "peered", "routed"),
    ],
)  # fmt: skip
def test_a_key_of_another_kind_is_rejected_with_advice(
    tmp_path: Path, text: str, line: str, key: str, what: str, table: str, kind: str, owner: str
) -> None:
    found = refusal(tmp_path, text)
    assert found.startswith(
        f"site.toml:{number_of(text, line)}: {key}: a {what} of the {table} {owner}, but kind is {kind}; remove this "
    )
    assert f'or set kind = "{owner}"' in found


@pytest.mark.parametrize(
    ("text", "line", "expected"),
    [
        (DEMO.replace('kind = "demo"', 'kind = "mine"'), 'kind = "mine"',
         "source.kind: expected one of the sources of this release ('demo', 'existing'), not 'mine'"),
        (change(ROUTED, 'kind = "routed"', 'kind = "vpn"'), 'kind = "vpn"',
         "source.network.kind: expected one of the networks of this release ('peered', 'routed'), not 'vpn'"),
        (change(ROUTED, 'kind = "routed"\n', ""), "[source.network]",
         "source.network.kind: missing; expected one of the networks of this release ('peered', 'routed')"),
        (format_configuration(ROUTED).replace('id = "Z', '# id = "Z'), "[site.hosted_zone]",
         "site.hosted_zone.id: expected the id of the hosted zone that holds the public names: only SourceStack creates a zone, and an existing "
         "source has no SourceStack (or kind = \"elsewhere\", for a zone that is not in Route 53)"),
        (DEMO.replace('[source]\nkind = "demo"', '[source]\nrelease = "0.14.3"'), 'release = "0.14.3"',
         "source.release: unknown key; expected one that migration.toml explains"),
    ],
)  # fmt: skip
def test_an_error_of_a_whole_table_is_rejected_at_its_line(tmp_path: Path, text: str, line: str, expected: str) -> None:
    assert refusal(tmp_path, text) == f"site.toml:{number_of(text, line)}: {expected}"


def test_a_demo_without_a_release_is_rejected(tmp_path: Path) -> None:
    text = re.sub(r"\n\[gogs\].*?(?=\n# What follows)", "\n", DEMO, flags=re.DOTALL)
    assert refusal(tmp_path, text) == "site.toml: gogs: missing; expected a value"
    assert refusal(tmp_path, f"gogs = 3\n{text}").startswith("site.toml:1: gogs: expected")


def test_the_demo_keeps_its_names_in_route_53(tmp_path: Path) -> None:
    zone = DEMO[DEMO.index("[site.hosted_zone]") : DEMO.index("\n# The service that replicates")]
    kind = 'kind = "elsewhere"'
    text = DEMO.replace(zone, f"[site.hosted_zone]\n{kind}\n")
    assert refusal(tmp_path, text) == (
        f"site.toml:{number_of(text, kind)}: site.hosted_zone.kind: expected route53: SourceStack creates the records of the "
        "demo in Route 53"
    )


def test_a_zone_elsewhere_has_no_other_key(tmp_path: Path) -> None:
    text = DEMO.replace("[site.hosted_zone]\n", '[site.hosted_zone]\nkind = "elsewhere"\n')
    assert (
        "site.hosted_zone.name: a key of the hosted_zone route53, but kind is elsewhere; remove this line"
        in refusal(tmp_path, text)
    )
