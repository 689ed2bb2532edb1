#!/usr/bin/env bash
# Guess: the CDK names each line of an RDS engine once without a minor version (MysqlEngineVersion.VER_8_0, VER_5_7), so that RDS chooses the newest.
# Behaviour: there is no VER_8_4 of MySQL, and no VER_11_4 or VER_11_8 of MariaDB, only single minor versions, which RDS retires one by one.
# Why it matters to us: the target's engine is given as MysqlEngineVersion.of(...); with a name of the list, a template can stop to deploy without a change.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
cd "$work"; python3 -m venv venv; venv/bin/pip download -q --disable-pip-version-check --no-deps aws-cdk-lib==2.275.0; ls aws_cdk_lib*
unzip -p aws_cdk_lib-2.275.0*.whl aws_cdk/aws_rds/__init__.py > rds.py
python3 - <<'PY' || { echo "the behaviour has changed"; exit 1; }
import ast, sys
from pathlib import Path
names = {
    c.name: {m.name for m in c.body if isinstance(m, ast.FunctionDef) and m.name.startswith("VER_")}
    for c in ast.parse(Path("rds.py").read_text()).body
    if isinstance(c, ast.ClassDef) and c.name in ("MysqlEngineVersion", "MariaDbEngineVersion")
}
lines = {("MysqlEngineVersion", "5_7"): True, ("MysqlEngineVersion", "8_0"): True, ("MysqlEngineVersion", "8_4"): False,
         ("MariaDbEngineVersion", "10_11"): True, ("MariaDbEngineVersion", "11_4"): False, ("MariaDbEngineVersion", "11_8"): False}
changed = False
for (engine, line), plain in lines.items():
    minors = sum(name.startswith(f"VER_{line}_") for name in names[engine])
    found = f"VER_{line}" in names[engine]
    print(engine, f"VER_{line}", "is there" if found else "is missing", f"({minors} minor versions)")
    changed |= found != plain or minors == 0
sys.exit(changed)
PY
