"""The error on a machine with an unsupported Python: one result with a reason, before any other module is loaded."""

from __future__ import annotations

import importlib
import json
import pkgutil
import subprocess
import sys
from pathlib import Path

import cutover_site
import pytest
from cutover_site import interpreter
from cutover_site.verbs import ALL

PACKAGE = Path(cutover_site.__file__).parent


def test_every_module_can_be_imported() -> None:
    """An alias such as `str | None` outside of annotations fails only when Python 3.9 imports its module."""
    names = [module.name for module in pkgutil.walk_packages([str(PACKAGE)], "cutover_site.")]
    loaded = [importlib.import_module(name) for name in names if not name.endswith("__main__")]
    assert len(loaded) > len(ALL)


@pytest.mark.parametrize(("verb", "code"), [("check", 1), ("guard", 255)])
def test_an_older_python_is_rejected_with_a_result(
    verb: str, code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`guard` exits with 255. For systemd, 1 means "not on this machine", and it does not retry."""
    monkeypatch.setattr(sys, "version_info", (3, 8, 10))
    monkeypatch.setattr(sys, "argv", ["cutover-site", verb])
    with pytest.raises(SystemExit) as ended:
        interpreter.require()
    result = json.loads(capsys.readouterr().out)
    assert ended.value.code == code
    assert not result["ok"]
    assert "needs Python 3.9 or newer" in result["reason"]
    assert "Python 3.8.10" in result["reason"]
    assert result["next"]


@pytest.mark.parametrize("module", ["cutover_site", "cutover_site.prefork.client", "cutover_site.files.changes"])
def test_an_older_python_is_rejected_before_other_modules_are_loaded(tmp_path: Path, module: str) -> None:
    # Given a package that needs a newer Python, and whose other modules this Python cannot parse
    copy = tmp_path / "cutover_site"
    for source in PACKAGE.rglob("*.py"):
        target = copy / source.relative_to(PACKAGE)
        target.parent.mkdir(parents=True, exist_ok=True)
        is_gate = source in (PACKAGE / "__init__.py", PACKAGE / "interpreter.py")
        target.write_text(source.read_text().replace("(3, 9)", "(99, 0)") if is_gate else "this is no Python")

    # When it is started as on a machine
    command = [sys.executable, "-S", "-m", module, "check"]
    done = subprocess.run(command, env={"PYTHONPATH": str(tmp_path)}, capture_output=True, text=True, check=False)

    # Then it prints a result
    assert done.returncode == 1
    assert "needs Python 99.0" in json.loads(done.stdout.splitlines()[-1])["reason"]
    assert done.stderr == ""
