#!/usr/bin/env bash
# Guess: a contract of import-linter covers every module that Python can import from the package, also one in a folder without __init__.py; or it warns.
# Behaviour: it does not see such a folder below a package. The forbidden import in it is not found, the contract is "kept", and the exit code is 0. With an empty
# __init__.py the same contract is broken. Python imports the module both times.
# Why it matters to us: contracts (.importlinter) say who may import whom. tests/unit/layers/test_contracts.py requires an __init__.py in every folder below a package.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
cd "$work"; python3 -m venv venv; venv/bin/pip install -q --disable-pip-version-check import-linter==2.17 grimp==3.20 || exit 2
mkdir -p shop/clients shop/logic/prices; touch shop/__init__.py shop/clients/__init__.py shop/logic/__init__.py
echo "TIMEOUT = 1" >shop/clients/http.py; echo "from shop.clients import http" >shop/logic/prices/sums.py
cat >.importlinter <<'CONTRACT'
[importlinter]
root_package = shop
[importlinter:contract:logic]
name = Logic imports no client
type = forbidden
source_modules = shop.logic
forbidden_modules = shop.clients
CONTRACT
check() {
  local code=0 imported=no
  venv/bin/python -c "import shop.logic.prices.sums" && imported=yes
  PYTHONPATH=. venv/bin/lint-imports --no-cache >out 2>&1 || code=$?
  echo "$1: imported $imported, exit code $code, $(grep -o 'Analyzed .*dependenc[a-z]*' out), $(grep -o 'Contracts: .*' out)"
}
venv/bin/pip list --disable-pip-version-check 2>/dev/null | grep -E '^(import-linter|grimp) '
{ check "without __init__.py"; touch shop/logic/prices/__init__.py; check "with __init__.py"; } | tee seen
grep -q "^without __init__.py: imported yes, exit code 0, .* 1 kept, 0 broken" seen && grep -q "^with __init__.py: imported yes, exit code 1, .* 0 kept, 1 broken" seen ||
  { echo "the behaviour has changed"; exit 1; }
