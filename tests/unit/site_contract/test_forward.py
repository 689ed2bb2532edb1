"""The playbook and the tool write the same forward configuration."""

from __future__ import annotations

from pathlib import Path

import applications
import jinja2
from cutover_site.proxy.forwarding import render_configuration

TEMPLATE = Path(__file__).parents[3] / "assets/ansible/roles/reverse_proxy/templates/forward.cfg.j2"


def test_the_role_writes_the_configuration_without_a_forward() -> None:
    profile = applications.load("gogs")
    environment = jinja2.Environment(trim_blocks=True, keep_trailing_newline=True, autoescape=False)
    written = environment.from_string(TEMPLATE.read_text()).render(profile=profile.to_values())
    assert written == render_configuration(None, {port.name: None for port in profile.tcp})
