#!/usr/bin/env bash
# Guess: octodns-dump of a zone in Route 53 has all its records, or says which ones it cannot write.
# Behaviour: of the records of one name that differ by a weight, a failover role or a multivalue answer it writes one, as a plain record: the other values, the weights and the
# health checks are gone. SSHFP and HTTPS records are not there at all. Nothing is logged about either, and octodns-sync with the file against the zone that
# it comes from says "No changes were planned". Aliases are there.
# Why it matters to us: a zone that is moved to another account with it loses the secondary address, and a weight that was 0 can get all traffic. Only the plan's "no
# changes" is seen. Our functions ask the DNS (common/clients/resolver.py). The zone is moto's, which lists these records as AWS documents it.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"; "$work/venv/bin/pip" install -q --disable-pip-version-check octodns==1.22.0 octodns-route53==1.3.1 'moto[server]==5.2.5' || exit 2
"$work/venv/bin/pip" list --disable-pip-version-check 2>/dev/null | grep -E '^(moto|octodns|octodns-route53) '
cd "$work"; mkdir zones
cat >octodns.yaml <<'YAML'
providers:
  route53: {class: octodns_route53.Route53Provider, access_key_id: a, secret_access_key: b}
  zones: {class: octodns.provider.yaml.YamlProvider, directory: ./zones}
zones:
  example.com.: {sources: [zones], targets: [route53]}
YAML
venv/bin/python - >seen <<'PY' || { echo "the zone could not be made or read"; exit 2; }
import os, re, subprocess
import boto3, yaml
from moto.server import ThreadedMotoServer
server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
_, port = server.get_host_and_port()
os.environ |= {"AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}", "AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", "AWS_DEFAULT_REGION": "eu-west-1"}
client = boto3.client("route53")
zone = client.create_hosted_zone(Name="example.com.", CallerReference="1")["HostedZone"]["Id"]
def record(name, kind="A", value="192.0.2.1", **policy):
    content = policy if "AliasTarget" in policy else {"TTL": 60, "ResourceRecords": [{"Value": value}], **policy}
    return {"Action": "CREATE", "ResourceRecordSet": {"Name": f"{name}.example.com.", "Type": kind, **content}}
records = [
    record("plain"),
    record("alias", AliasTarget={"HostedZoneId": "Z32O12XQLNTSW2", "DNSName": "lb-1.eu-west-1.elb.amazonaws.com.", "EvaluateTargetHealth": True}),
    record("weighted", SetIdentifier="one", Weight=0), record("weighted", value="192.0.2.2", SetIdentifier="two", Weight=100),
    record("failover", SetIdentifier="one", Failover="PRIMARY"), record("failover", value="192.0.2.2", SetIdentifier="two", Failover="SECONDARY"),
    record("multivalue", SetIdentifier="one", MultiValueAnswer=True), record("multivalue", value="192.0.2.2", SetIdentifier="two", MultiValueAnswer=True),
    record("sshfp", "SSHFP", "4 2 " + "ab" * 32), record("https", "HTTPS", '1 . alpn="h2"'),
]
client.change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": records})
sets = client.list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"]
def run(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True)
dump = run("venv/bin/octodns-dump", "--config-file", "octodns.yaml", "--output-dir", "zones", "example.com.", "route53")
written = yaml.safe_load(open("zones/example.com.yaml"))
for name in ("plain", "alias", "weighted", "failover", "multivalue", "sshfp", "https"):
    there = written.get(name, {})
    values = there.get("values", there.get("value")) if there.get("type") == "A" else ""
    print(f"{name}: records of the zone {sum(s['Name'].startswith(name) for s in sets)}, in the file {there.get('type', 'nothing')} {values}".rstrip())
lines = [line for line in (dump.stdout + dump.stderr).splitlines() if re.match(r"\d{4}-", line)]
print("lines of the dump's log:", "some" if lines else "none", "- that are no INFO:", sum(" INFO " not in line for line in lines))
plan = run("venv/bin/octodns-sync", "--config-file", "octodns.yaml")
print("plan:", "no changes" if "No changes were planned" in plan.stdout + plan.stderr else "changes")
server.stop()
PY
cat seen
diff seen - <<'SEEN' || { echo "the behaviour has changed"; exit 1; }
plain: records of the zone 1, in the file A 192.0.2.1
alias: records of the zone 1, in the file Route53Provider/ALIAS
weighted: records of the zone 2, in the file A 192.0.2.1
failover: records of the zone 2, in the file A 192.0.2.1
multivalue: records of the zone 2, in the file A 192.0.2.1
sshfp: records of the zone 1, in the file nothing
https: records of the zone 1, in the file nothing
lines of the dump's log: some - that are no INFO: 0
plan: no changes
SEEN
