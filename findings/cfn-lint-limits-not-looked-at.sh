#!/usr/bin/env bash
# Guess: cfn-lint, which knows most numeric limits of services, reports a standard parameter of more than 4,096 characters, a custom resource that may take
# two hours (one is the most), and a health check whose timeout is longer than its interval.
# Behaviour: none of the three is reported; a function's timeout of 1,000 s in the same template is.
# Why it matters to us: parameters that hold JSON, deadlines of custom resources and the balancers' checks are asserted in our own tests.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"; "$work/venv/bin/pip" install -q --disable-pip-version-check cfn-lint==1.58.0
"$work/venv/bin/cfn-lint" --version
python3 - > "$work/template.json" <<'PY'
import json
function = "arn:aws:lambda:us-east-1:111122223333:function:f"
print(json.dumps({"Resources": {
    "Parameter": {"Type": "AWS::SSM::Parameter", "Properties": {"Type": "String", "Value": "x" * 5000}},
    "Custom": {"Type": "Custom::Run", "Properties": {"ServiceToken": function, "ServiceTimeout": 7200}},
    "Group": {"Type": "AWS::ElasticLoadBalancingV2::TargetGroup", "Properties": {
        "Port": 80, "Protocol": "HTTP", "VpcId": "vpc-0123456789abcdef0", "HealthCheckIntervalSeconds": 5, "HealthCheckTimeoutSeconds": 10}},
    "Control": {"Type": "AWS::Lambda::Function", "Properties": {
        "Role": "arn:aws:iam::111122223333:role/r", "Timeout": 1000, "Handler": "a.b", "Runtime": "python3.13", "Code": {"ZipFile": "x"}}},
}}))
PY
found=$("$work/venv/bin/cfn-lint" -r us-east-1 --format parseable "$work/template.json" | cut -d: -f6- || true)
echo "findings: $found"
[[ $found == *1000* && $found != *7200* && $found != *Parameter* && $found != *HealthCheck* ]] || { echo "the behaviour has changed"; exit 1; }
