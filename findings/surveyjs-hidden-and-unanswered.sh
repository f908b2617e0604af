#!/usr/bin/env bash
# survey-core 3.1.1 (SurveyJS): what an expression makes of answers that are not there. An answer hidden again is removed
# at completion, but the total computed before stays: the stored total is more than the sum of the stored answers. And an
# operator takes an unanswered question for 0, so the usual 0-100 formula over items of 1 to 4 says 133.3 before the first
# answer, 116.7 with one of two; sum() and avg() leave the unanswered out. Guess before: completion computes once more,
# and an expression over a missing answer is empty. So set clearInvisibleValues to onHidden, do not store totals, and
# score from the answers elsewhere.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
(cd "$folder" && npm init -y && npm install --no-audit --no-fund survey-core@3.1.1) > "$folder/npm.log" 2>&1 || { cat "$folder/npm.log" >&2; exit 1; }
cat > "$folder/probe.cjs" <<'JS'
const assert = require('assert');
const {Model} = require('survey-core');
const item = (name, visibleIf) => ({type: 'radiogroup', name, choices: [1, 2, 3, 4], visibleIf});
const form = (clearInvisibleValues) => new Model({
  clearInvisibleValues,
  elements: [
    item('stoma'), item('leak', '{stoma} > 1'), item('skin'),
    {type: 'expression', name: 'total', expression: 'sum({stoma}, {leak}, {skin})'},
    {type: 'expression', name: 'score', expression: '(1 - (({stoma} + {skin}) / 2 - 1) / 3) * 100'},
  ],
});
const filled = (clear) => {
  const survey = form(clear);
  const scores = [survey.data.score];
  survey.setValue('stoma', 2);
  survey.setValue('leak', 3);
  survey.setValue('stoma', 1);
  scores.push(survey.data.score);
  survey.setValue('skin', 2);
  survey.doComplete();
  console.log(clear, survey.data, 'score before the first and second answer:', scores);
  return [survey.data, scores];
};
console.log('survey-core 3.1.1');
const [stored, scores] = filled('onComplete');
assert.deepStrictEqual(Object.keys(stored).sort(), ['score', 'skin', 'stoma', 'total']);
assert.strictEqual(stored.stoma + stored.skin, 3);
assert.strictEqual(stored.total, 6);
assert.deepStrictEqual(scores.map((each) => each.toFixed(1)), ['133.3', '116.7']);
assert.strictEqual(filled('onHidden')[0].total, 3);
JS
(cd "$folder" && node probe.cjs)
