#!/usr/bin/env bash
# Guess: Path.readlink() of Python returns the text of the link, as os.readlink() does; linters (PTH115) replace the one by the other.
# Behaviour: it returns a path made of the text: `./a` and `a/` and `a//b` come back as `a`, `a` and `a/b`. A copy made with it is another link.
# Why it matters to us: links are compared and copied by their text, with os.readlink().
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"; "$work/venv/bin/pip" install -q --disable-pip-version-check ruff==0.17.6
cd "$work"; "$work/venv/bin/ruff" --version
cat > look.py <<'PY'
import os
import sys
from pathlib import Path

print("Python", sys.version.split()[0])
changed = []
for number, text in enumerate(["./a", "a/", "a//b", "../a"]):
    link = Path(f"link-{number}")
    os.symlink(text, link)
    print(f"{text}: os.readlink {os.readlink(link)}, Path.readlink {link.readlink()}")
    changed.append(str(link.readlink()) != os.readlink(link) == text)
sys.exit(changed != [True, True, True, False])
PY
python3 look.py || { echo "the behaviour has changed"; exit 1; }
found=$("$work/venv/bin/ruff" check -q --isolated --select PTH115 --output-format concise look.py || true); echo "$found"
[[ $found == *PTH115* ]] || { echo "the behaviour has changed"; exit 1; }
