#!/usr/bin/env bash
# Guess: vermin, or ruff with `target-version = "py39"`, finds `str | None` that Python 3.9 evaluates: in an alias, in isinstance, in typing.cast.
# Behaviour: neither reports one of them. Both do report `match`; vermin reports a new member (Path.hardlink_to), ruff does not.
# Why it matters to us: that the tool runs on Python 3.9 is shown by running it there; a linter's silence shows nothing.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"; "$work/venv/bin/pip" install -q --disable-pip-version-check vermin==1.9.2 ruff==0.17.6
cd "$work"; bin=$work/venv/bin; echo "vermin $("$bin/vermin" --version); $("$bin/ruff" --version)"
cat > unions.py <<'PY'
"""Unions that Python evaluates when the module is loaded."""

from __future__ import annotations

from typing import cast

ROW = tuple[str | None, ...]
NUMBER = cast(int | None, 1)
IS_TEXT = isinstance("x", int | str)
PY
printf 'from pathlib import Path\n\nPath("a").hardlink_to("b")\n' > member.py
printf 'match 1:\n    case 1:\n        pass\n' > control.py
for file in unions member control; do
  vermin=$("$bin/vermin" --no-tips --eval-annotations -t=3.9- $file.py >vermin.out && echo accepts || echo refuses)
  ruff=$("$bin/ruff" check -q --isolated --select E,F,UP,FA,B,PTH,PYI,RUF --target-version py39 $file.py >ruff.out && echo accepts || echo refuses)
  echo "$file.py: vermin $vermin, ruff $ruff" | tee -a seen
done
diff seen - <<'SEEN' || { cat vermin.out ruff.out; echo "the behaviour has changed"; exit 1; }
unions.py: vermin accepts, ruff accepts
member.py: vermin refuses, ruff accepts
control.py: vermin refuses, ruff refuses
SEEN
