"""The modules of the role that installs the agent of AWS MGN."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

ROLE = Path(__file__).parents[3] / "assets/ansible/roles/mgn_agent"
INSTALLER = "opt/cutover/downloads/mgn-agent/aws-replication-installer-init"


def load(name: str, folder: Path = ROLE / "library") -> Any:
    """Import a module of the role or of the playbooks, which is in no package."""
    spec = importlib.util.spec_from_file_location(name, folder / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module: ModuleType = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def write(path: Path, text: str = "") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


requirements, agent = load("mgn_requirements"), load("mgn_agent")
