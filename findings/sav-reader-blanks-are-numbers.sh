#!/usr/bin/env bash
# sav-reader 2.0.8 (npm): a score that is missing in an SPSS file is read as the number -1.7976931348623157e+308, SPSS's mark
# for it, not as null; a value declared missing (99, "not asked") as 99; a date as seconds since 1582. Guess before: null,
# null and a Date (its page says that dates are numbers). So one patient without a score makes an absurd mean, which is seen,
# while a 99 on a scale of 1 to 4 is not: compare with -Number.MAX_VALUE, apply the variable's `missing` yourself, and
# give dates to DateHelper.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip -q --disable-pip-version-check install "pyreadstat==1.3.7" "pandas==3.1.1" 2> "$folder/pip.log" || { cat "$folder/pip.log" >&2; exit 1; }
(cd "$folder" && npm init -y && npm install --no-audit --no-fund sav-reader@2.0.8) > "$folder/npm.log" 2>&1 || { cat "$folder/npm.log" >&2; exit 1; }
cd "$folder" && venv/bin/python - <<'PYTHON'
from datetime import date

import pandas as pd
import pyreadstat

scores = pd.DataFrame({"ql": [50.0, None], "q1": [4.0, 99.0], "day": [date(2026, 3, 14), None]})
pyreadstat.write_sav(scores, "scores.sav", missing_ranges={"q1": [99]})
read, _ = pyreadstat.read_sav("scores.sav")
print("pyreadstat:", read.to_dict("records"))
assert read.iloc[1].isna().all()
PYTHON
cat > probe.cjs <<'JS'
const assert = require('assert');
const {readFileSync} = require('fs');
const {SavBufferReader} = require('sav-reader');
(async () => {
  const file = new SavBufferReader(readFileSync('scores.sav'));
  await file.open();
  const rows = [];
  for (let row = await file.readNextRow(); row != null; row = await file.readNextRow()) rows.push(row.data ?? row);
  console.log('sav-reader 2.0.8:', rows);
  const [first, second] = rows;
  assert.deepStrictEqual([first.ql, first.q1, first.day], [50, 4, 13992825600]);
  assert.deepStrictEqual([second.ql, second.q1, second.day], [-Number.MAX_VALUE, 99, -Number.MAX_VALUE]);
  assert.strictEqual(file.meta.sysvars.find((each) => each.name === 'q1').missing, 99);
})().catch((error) => { console.error(error); process.exit(1); });
JS
node probe.cjs
