"""Each call to the CDK's Node.js process takes a fraction of a millisecond on both sides: thousands of them are seconds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from jsii._kernel.providers.process import _NodeProcess
from settings import Settings

from stacks.composition import add_stacks
from tests.unit.stacks.conftest import ROOT, new_app

MOST_CALLS = 3340
"""3,190 on 2026-12-01, for six stacks; 3,900 before states shared their durations, conditions and references. An aspect for cdk-nag took 700 more, and called back for each construct."""


def test_the_app_makes_few_calls_and_gets_none_back(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[str] = []
    send: Callable[..., Any] = _NodeProcess.send

    def count(process: _NodeProcess, request: Any, response: Any) -> Any:
        sent.append(type(request).__name__)
        return send(process, request, response)

    monkeypatch.setattr(_NodeProcess, "send", count)
    app = new_app()
    add_stacks(app, Settings.load(ROOT / "migration.toml"))
    app.synth()
    assert 100 < len(sent) < MOST_CALLS
    assert sent.count("_CompleteRequest") == 0, "an aspect in Python is called for each construct"
