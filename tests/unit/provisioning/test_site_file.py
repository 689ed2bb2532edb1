"""The file that the playbook writes for the machine tool."""

from __future__ import annotations

import json
from pathlib import Path

import jinja2
import pytest
from applications.gogs.profile import PROFILE
from cutover_site.config import SiteConfig, SourceDatabase
from cutover_site.layout import Layout

TEMPLATES = Path(__file__).parents[3] / "assets/ansible/roles/migration_scripts/templates"
FACTS = {"site_name": "gogs", "aws_region": "eu-west-1"}
APPLICATION = {
    "site_url": "https://git.example.com/", "ssh_dns_name": "ssh.example.com", "site_secret": "site", "database_host": "10.0.0.5",
    "database_port": "3306", "application_secret": 'a "quoted" name',
}  # fmt: skip


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    layout = Layout(tmp_path)
    layout.site_file.parent.mkdir(parents=True)
    return layout


def render(layout: Layout, **variables: str) -> SiteConfig:
    """Render and load the site file as Ansible does: trimmed blocks, the filter to_json, and a look-up of variables by name."""
    environment = jinja2.Environment(trim_blocks=True, undefined=jinja2.StrictUndefined, autoescape=False)
    environment.filters["to_json"] = json.dumps
    environment.globals["lookup"] = lambda _plugin, name, default: variables.get(name, default)
    template = environment.from_string((TEMPLATES / "site.json.j2").read_text())
    layout.site_file.write_text(template.render(**FACTS, profile=PROFILE.to_values(), **variables))
    return SiteConfig.load(layout)


def test_the_site_file_of_a_database_server_names_its_site(layout: Layout) -> None:
    assert render(layout, machine_role="source-database") == SiteConfig("gogs", "eu-west-1", ("source-database",))


def test_the_site_file_of_an_application_server_also_has_its_database(layout: Layout) -> None:
    assert render(layout, machine_role="source-app", **APPLICATION) == SiteConfig(
        "gogs", "eu-west-1", ("source-app",), "https://git.example.com/", {"ssh": "ssh.example.com"}, "site",
        SourceDatabase("10.0.0.5", 3306, 'a "quoted" name'),
    )  # fmt: skip
