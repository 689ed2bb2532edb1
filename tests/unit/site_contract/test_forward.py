"""The playbook and the tool write the same forward configuration, and know the same bounds of a hold."""

from __future__ import annotations

from pathlib import Path

import applications
import jinja2
import yaml
from cutover_site.proxy.forwarding import render_configuration
from cutover_site.proxy.hold import LONGEST_HOLD_SECONDS
from settings.limits import Limits

ROLE = Path(__file__).parents[3] / "assets/ansible/roles/reverse_proxy"
TEMPLATE = ROLE / "templates/forward.cfg.j2"


def test_the_role_writes_the_configuration_without_a_forward() -> None:
    profile = applications.load("gogs")
    environment = jinja2.Environment(trim_blocks=True, keep_trailing_newline=True, autoescape=False)
    written = environment.from_string(TEMPLATE.read_text()).render(profile=profile.to_values())
    assert written == render_configuration(None, {port.name: None for port in profile.tcp})


def test_playbook_tool_and_settings_have_the_same_longest_hold() -> None:
    assert (
        yaml.safe_load((ROLE / "defaults/main.yml").read_text())["proxy_longest_hold_seconds"] == LONGEST_HOLD_SECONDS
    )
    (bounds,) = (field for name, field in Limits.model_fields.items() if name == "freeze_hold")
    assert f"le={LONGEST_HOLD_SECONDS}" in str(bounds)
