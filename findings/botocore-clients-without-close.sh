#!/usr/bin/env bash
# Guess: every botocore client of this decade can be closed (`client.close()`, `contextlib.closing(client)`).
# Behaviour: that of Debian 11 (1.20.0) has no such method, the call is taken for an unknown operation of the service and raises AttributeError.
# Why it matters to us: the tool on the machines uses the distribution's botocore; before it forks, it closes each client or, without close(), drops it.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
for version in 1.20.0 1.40.0; do
  "$work/venv/bin/pip" install -q --disable-pip-version-check --target "$work/$version" "botocore==$version"
  PYTHONPATH=$work/$version "$work/venv/bin/python" - <<'PY' | tee -a "$work/seen"
import botocore
from botocore.session import Session
client = Session().create_client("sts", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x")
try:
    client.close(); print("botocore", botocore.__version__, "closes")
except AttributeError as error:
    print("botocore", botocore.__version__, "AttributeError:", error)
PY
done
grep -q "1.20.0 AttributeError" "$work/seen" && grep -q "1.40.0 closes" "$work/seen" || { echo "the behaviour has changed"; exit 1; }
