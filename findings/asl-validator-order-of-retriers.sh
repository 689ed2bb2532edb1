#!/usr/bin/env bash
# Guess: asl-validator refuses what the Amazon States Language forbids: States.ALL that is not alone or not last, BackoffRate below 1.0, a Choice with End,
# a heartbeat longer than its timeout.
# Behaviour: it accepts all four. Transitions and reachability, in contrast, it checks completely.
# Why it matters to us: a retrier behind States.ALL is never used; tests/unit/state_machines has to look at the order.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
cd "$work"; npm init -y >/dev/null; npm install --silent --no-fund --no-audit asl-validator@4.0.0
cat > look.js <<'JS'
const loaded = require('asl-validator'); const validate = loaded.default || loaded;
const task = {Type: 'Task', Resource: 'arn:aws:lambda:us-east-1:111122223333:function:f', End: true};
const machine = (state, more = {}) => ({StartAt: 'A', States: {A: state, ...more}});
const cases = {
  'States.ALL before another retrier': machine({...task, Retry: [{ErrorEquals: ['States.ALL']}, {ErrorEquals: ['Other']}]}),
  'States.ALL beside another error': machine({...task, Retry: [{ErrorEquals: ['States.ALL', 'Other']}]}),
  'BackoffRate 0.5': machine({...task, Retry: [{ErrorEquals: ['Other'], BackoffRate: 0.5}]}),
  'Choice with End': machine({Type: 'Choice', Choices: [{Variable: '$.x', IsPresent: true, Next: 'B'}], End: true}, {B: {Type: 'Succeed'}}),
  'heartbeat longer than timeout': machine({...task, TimeoutSeconds: 5, HeartbeatSeconds: 10}),
};
console.log('asl-validator', require('asl-validator/package.json').version);
let accepted = 0;
for (const [name, definition] of Object.entries(cases)) { const ok = validate(definition).isValid; accepted += ok; console.log(ok ? 'accepted' : 'refused', '-', name); }
const control = validate(machine({...task, End: undefined, Next: 'Nowhere'})).isValid;
console.log(control ? 'accepted' : 'refused', '- Next to a state that does not exist (control)');
process.exit(accepted === 5 && !control ? 0 : 1);
JS
node look.js || { echo "the behaviour has changed"; exit 1; }
