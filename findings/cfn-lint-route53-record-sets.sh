#!/usr/bin/env bash
# Guess: cfn-lint reports a CNAME at the apex of its zone and a weighted record set without SetIdentifier; Route 53 refuses both.
# Behaviour: neither is reported.
# Why it matters to us: what a zone will refuse is found by the procedure's preflight, not in the template.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"; "$work/venv/bin/pip" install -q --disable-pip-version-check cfn-lint==1.58.0
"$work/venv/bin/cfn-lint" --version
cat > "$work/template.json" <<'JSON'
{"Resources": {
  "Apex": {"Type": "AWS::Route53::RecordSet", "Properties": {"HostedZoneName": "example.com.", "Name": "example.com.", "Type": "CNAME", "TTL": "60", "ResourceRecords": ["old.example.org"]}},
  "Weighted": {"Type": "AWS::Route53::RecordSet", "Properties": {"HostedZoneName": "example.com.", "Name": "git.example.com.", "Type": "A", "TTL": "60", "Weight": 1, "ResourceRecords": ["192.0.2.1"]}},
  "Control": {"Type": "AWS::Route53::RecordSet", "Properties": {"HostedZoneName": "example.com.", "Name": "a.example.com.", "Type": "A", "TTL": "60", "ResourceRecords": ["not an address"]}}
}}
JSON
found=$("$work/venv/bin/cfn-lint" -r us-east-1 --format parseable "$work/template.json" | cut -d: -f6- || true)
echo "findings: $found"
[[ $found == *ipv4* && $(wc -l <<< "$found") == 1 ]] || { echo "the behaviour has changed"; exit 1; }
