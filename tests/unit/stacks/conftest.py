"""The app as it is synthesized, once, without bundling."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App
from settings import Settings

from stacks.composition import add_stacks

ROOT = Path(__file__).parents[3]
Resource = Mapping[str, Any]
_synthesized: dict[str, Mapping[str, str]] = {}
"""settings as JSON -> the texts of their templates"""


@dataclass(frozen=True)
class Templates:
    """All templates by name of the stack."""

    by_name: Mapping[str, Mapping[str, Any]]

    def __getitem__(self, name: str) -> Mapping[str, Any]:
        return self.by_name[name]

    def resources(self, name: str, kind: str) -> dict[str, Resource]:
        """The resources of one type in one template, by logical id."""
        return {key: one for key, one in self.by_name[name]["Resources"].items() if one["Type"] == kind}

    def only(self, name: str, kind: str) -> Resource:
        (found,) = self.resources(name, kind).values()
        return found

    def everywhere(self, kind: str) -> Iterator[tuple[str, str, Resource]]:
        """(template, logical id, resource) of one type in all templates."""
        for name in self.by_name:
            for key, one in self.resources(name, kind).items():
                yield name, key, one


def new_app() -> App:
    """Return an app with the context of cdk.json, and without bundling."""
    context = json.loads((ROOT / "cdk.json").read_text())["context"]
    return App(context={**context, "aws:cdk:bundling-stacks": []})


def synthesize(settings: Settings) -> Templates:
    """Return the templates of the app. Each caller gets its own copy."""
    # Equal settings are synthesized once in a process, because it takes seconds.
    key = settings.model_dump_json()
    if key not in _synthesized:
        app = new_app()
        add_stacks(app, settings)
        _synthesized[key] = _read_texts(app)
    return _parse(_synthesized[key])


def read_templates(app: App) -> Templates:
    return _parse(_read_texts(app))


def _read_texts(app: App) -> Mapping[str, str]:
    folder = Path(app.synth().directory)
    return {path.name.removesuffix(".template.json"): path.read_text() for path in folder.glob("*.template.json")}


def _parse(texts: Mapping[str, str]) -> Templates:
    return Templates({name: json.loads(text) for name, text in texts.items()})


@pytest.fixture(scope="session")
def settings() -> Settings:
    return Settings.load(ROOT / "migration.toml")


@pytest.fixture(scope="session")
def templates(settings: Settings) -> Templates:
    return synthesize(settings)


@pytest.fixture(scope="session")
def synthesized() -> Callable[[Settings], Templates]:
    """For tests that change a setting."""
    return synthesize
