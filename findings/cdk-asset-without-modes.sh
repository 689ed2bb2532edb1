#!/usr/bin/env bash
# Guess: the hash of a CDK asset covers what its archive contains, so a script that becomes executable, or a new empty folder, is a new asset.
# Behaviour: neither changes the hash; one more byte in a file does. In the same cdk.out the staged copy even keeps the old mode. S3 has an object of that
# name already, so nothing is published and nothing is deployed.
# Why it matters to us: playbooks and functions are such assets. Our playbooks set the mode of each file that they install.
set -euo pipefail
command -v node >/dev/null || { echo "needs Node.js"; exit 2; }
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
cd "$work"; python3 -m venv venv; venv/bin/pip install -q --disable-pip-version-check aws-cdk-lib==2.275.0 || exit 2
export JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION=1 JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION=1 JSII_SILENCE_WARNING_DEPRECATED_NODE_VERSION=1
cat >synthesize.py <<'PY'
from pathlib import Path
from aws_cdk import App, Stack, aws_s3_assets as s3_assets
app = App(outdir="cdk.out")
asset = s3_assets.Asset(Stack(app, "Stack"), "Asset", path="asset")
app.synth()
print(asset.asset_hash, oct(Path("cdk.out", f"asset.{asset.asset_hash}", "run.sh").stat().st_mode)[-3:])
PY
mkdir asset; echo '#!/bin/sh' >asset/run.sh; chmod 644 asset/run.sh
look() { # a process for each, because the CDK keeps the hash of a path in memory
  local hash mode; read -r hash mode < <(venv/bin/python synthesize.py 2>errors) || { cat errors; exit 2; }
  echo "$1: hash ${hash::12}, mode of the staged copy $mode" | tee -a seen
}
venv/bin/pip list --disable-pip-version-check 2>/dev/null | grep '^aws-cdk-lib '
look "mode 644"; chmod 755 asset/run.sh; look "mode 755"; mkdir asset/empty; look "a new empty folder"; echo >>asset/run.sh; look "one more byte"
mapfile -t hashes < <(grep -o 'hash [0-9a-f]*' seen)
[[ ${#hashes[@]} == 4 && ${hashes[0]} == "${hashes[1]}" && ${hashes[0]} == "${hashes[2]}" && ${hashes[0]} != "${hashes[3]}" ]] && grep -q '^mode 755: .* 644$' seen ||
  { echo "the behaviour has changed"; exit 1; }
