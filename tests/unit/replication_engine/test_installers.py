"""The one file that a machine downloads: the installer of a provider with what both agents do alike."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

from rehearsal.aws.mgn.downloads import INSTALLER as MGN
from rehearsal.cloudendure.api.machinery import INSTALLER as CLOUDENDURE
from rehearsal.errors import RehearsalError
from rehearsal.replication_engine.installers import build_installer


@pytest.mark.parametrize("source", [CLOUDENDURE, MGN])
def test_an_installer_is_one_program_that_needs_the_standard_library_alone(source: Path) -> None:
    text = build_installer(source)

    tree = ast.parse(text)
    imported = {
        name.partition(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in ([node.module or ""] if isinstance(node, ast.ImportFrom) else [one.name for one in node.names])
    }
    assert imported <= {*sys.stdlib_module_names}
    functions = [node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    assert {"start_agent", "run_heartbeats", "install", "main"} <= set(functions)
    assert len(functions) == len(set(functions))
    assert text.startswith("#!/usr/bin/env python3\n")
    assert text.count("from __future__ import annotations\n") == 1


def test_an_installer_without_a_place_for_the_support_is_refused(tmp_path: Path) -> None:
    source = tmp_path / "installer.py"
    source.write_text("print()\n")
    with pytest.raises(RehearsalError, match="does not mark where it imports the agent support"):
        build_installer(source)
