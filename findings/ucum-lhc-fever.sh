#!/usr/bin/env bash
# @lhncbc/ucum-lhc 7.1.10: a temperature converted comes out beside its round number: 38 Cel is 100.39999999999992 [degF] and
# 100.4 [degF] is 38.00000000000006 Cel. So one and the same fever is below a threshold of 100.4 and above one of "more
# than 38". Counts do it too: 0.5 10*9/L is 0.5000000000000001 /nL. Guess before: 100.4 and 38 on the nose, as
# 38 * 1.8 + 32 is. So round to the thermometer's own digits before holding a value against a threshold, or hold it
# against the threshold in the unit in which it was measured.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
(cd "$folder" && npm init -y && npm install --no-audit --no-fund @lhncbc/ucum-lhc@7.1.10) > "$folder/npm.log" 2>&1 || { cat "$folder/npm.log" >&2; exit 1; }
cat > "$folder/probe.cjs" <<'JS'
const assert = require('assert');
const {UcumLhcUtils} = require('@lhncbc/ucum-lhc');
const units = UcumLhcUtils.getInstance();
const convert = (from, value, to) => {
  const told = units.convertUnitTo(from, value, to);
  console.log(value, from, 'is', told.toVal, to);
  assert.strictEqual(told.status, 'succeeded');
  return told.toVal;
};
console.log('@lhncbc/ucum-lhc 7.1.10');
assert.strictEqual(38 * 1.8 + 32, 100.4);
assert.strictEqual(convert('Cel', 38, '[degF]'), 100.39999999999992);
assert.strictEqual(convert('Cel', 38.5, '[degF]'), 101.2999999999999);
assert.strictEqual(convert('[degF]', 100.4, 'Cel'), 38.00000000000006);
assert.strictEqual(convert('10*9/L', 0.5, '/nL'), 0.5000000000000001);
assert.strictEqual(convert('[degF]', 98.6, 'Cel'), 37);
JS
(cd "$folder" && node probe.cjs)
