#!/usr/bin/env bash
# Guess: cfn-lint, which checks StartAt of a state machine against its states, checks Next, Default and Catch in the same way.
# Behaviour: only StartAt is looked up. A transition to a state that does not exist passes without a finding.
# Why it matters to us: the walk of the synthesized state machines in tests/unit/state_machines is what catches a wrong name, not the linter.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"; "$work/venv/bin/pip" install -q --disable-pip-version-check cfn-lint==1.58.0
"$work/venv/bin/cfn-lint" --version
lint() { # $1: definition as JSON
  python3 - "$1" > "$work/template.json" <<'PY'
import json, sys
properties = {"RoleArn": "arn:aws:iam::111122223333:role/machine", "DefinitionString": sys.argv[1]}
print(json.dumps({"Resources": {"Machine": {"Type": "AWS::StepFunctions::StateMachine", "Properties": properties}}}))
PY
  "$work/venv/bin/cfn-lint" -r us-east-1 --format parseable "$work/template.json" | cut -d: -f6- || true
}
start=$(lint '{"StartAt":"Nowhere","States":{"A":{"Type":"Pass","End":true}}}')
next=$(lint '{"StartAt":"A","States":{"A":{"Type":"Pass","Next":"Nowhere"}}}')
default=$(lint '{"StartAt":"A","States":{"A":{"Type":"Choice","Choices":[{"Variable":"$.x","IsPresent":true,"Next":"B"}],"Default":"Nowhere"},"B":{"Type":"Succeed"}}}')
catch=$(lint '{"StartAt":"A","States":{"A":{"Type":"Task","Resource":"arn:aws:lambda:us-east-1:111122223333:function:f","End":true,"Catch":[{"ErrorEquals":["States.ALL"],"Next":"Nowhere"}]}}}')
printf 'StartAt: %s\nNext: %s\nDefault: %s\nCatch: %s\n' "$start" "${next:-no finding}" "${default:-no finding}" "${catch:-no finding}"
[[ $start == *E3601* && -z $next && -z $default && -z $catch ]] || { echo "the behaviour has changed"; exit 1; }
