#!/usr/bin/env bash
# @medplum/core 5.2.13, evalFhirPath: a date and a number of days are joined as text. `@2026-03-14 + 14 days` is "2026-03-1414",
# today() + 1 day likewise, and minus a day is NaN; nothing is raised. A date known to the month is before a day of that
# month (true; FHIRPath says that it cannot be told: empty), and sum() and aggregate() are not there. Guess before:
# 2026-03-28, empty, and a sum. So its FHIRPath is for paths and comparisons; compute due days and scores elsewhere, and
# compare whole dates.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
(cd "$folder" && npm init -y && npm install --no-audit --no-fund @medplum/core@5.2.13) > "$folder/npm.log" 2>&1 || { cat "$folder/npm.log" >&2; exit 1; }
cat > "$folder/probe.cjs" <<'JS'
globalThis.WebSocket ??= class {}; // node 22 has its own
const assert = require('assert');
const {evalFhirPath} = require('@medplum/core');
const response = {resourceType: 'QuestionnaireResponse', status: 'completed', authored: '2026-03',
  item: [{linkId: 'a', answer: [{valueInteger: 3}]}, {linkId: 'visit', answer: [{valueDate: '2026-03-14'}]}]};
const told = (expression) => {
  let answer;
  try {
    answer = evalFhirPath(expression, response);
  } catch (error) {
    answer = error.message.split('Error: ').pop();
  }
  console.log(expression, 'is', answer);
  return answer;
};
console.log('@medplum/core 5.2.13');
assert.deepStrictEqual(told('@2026-03-14 + 14 days'), ['2026-03-1414']);
assert.deepStrictEqual(told("item.where(linkId = 'visit').answer.value + 14 days"), ['2026-03-1414']);
assert.ok(Number.isNaN(told('@2026-03-14 - 1 day')[0]));
assert.deepStrictEqual(told('authored < @2026-03-14'), [true]);
assert.strictEqual(told("item.where(linkId = 'a').answer.value.sum()"), 'Unrecognized function: sum');
assert.deepStrictEqual(told("item.where(linkId = 'a').answer.value > 2"), [true]);
JS
(cd "$folder" && node probe.cjs)
