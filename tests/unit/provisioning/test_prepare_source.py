"""prepare_source.yml installs what `cutover-site adopt` reads, and names each of its options as the verb has it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml
from cutover_site.adopt.adoption import FRONT
from cutover_site.adopt.front_files import FRONT_FILES
from cutover_site.adopt.verb import VERBS

ANSIBLE = Path(__file__).parents[3] / "assets/ansible"


def load(path: str) -> Any:
    return yaml.safe_load((ANSIBLE / path).read_text())


def test_each_file_of_the_proxy_is_rendered() -> None:
    text = (ANSIBLE / "roles/reverse_proxy/tasks/render.yml").read_text()
    assert all(name in text for name in FRONT_FILES)
    assert load("roles/adopted_source/defaults/main.yml")["front_folder"] == FRONT


def test_the_role_calls_the_verb_with_its_options() -> None:
    words = re.findall(r"'--([a-z-]+)'", load("roles/adopted_source/vars/main.yml")["adopt_command"])
    (adopt,) = [verb for verb in VERBS if verb.name == "adopt"]
    options = {option.name: option for option in adopt.options}
    assert set(words) <= set(options)
    assert {name for name, option in options.items() if option.required} <= set(words)


def test_nothing_is_installed_before_the_facts_of_the_operator_are_there() -> None:
    (play,) = load("prepare_source.yml")
    first, *others = play["tasks"]
    assert "ansible.builtin.assert" in first
    assert [task["ansible.builtin.include_role"]["name"] for task in others] == [
        "migration_scripts",
        "adopted_source",
        "{{ replication_agent_role }}",
    ]
