#!/usr/bin/env bash
# Three libraries for Dutch holidays, three answers for two days. Good Friday: a holiday to holidays 0.109 and workalendar
# 17.0.0, none (type "school") to date-holidays 3.37.0 of npm. 5 May: a holiday every fifth year to holidays, every year to
# workalendar, never (again "school") to date-holidays, not even in 2025. They agree on the rest. Guess before: all say
# every fifth year, and differ in Good Friday at most. So whoever counts working days in two programs (a planner in the
# browser, a server) gets another due day around them: one list, the site's own, sent to both.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip -q --disable-pip-version-check install "holidays==0.109" "workalendar==17.0.0" 2> "$folder/pip.log" || { cat "$folder/pip.log" >&2; exit 1; }
(cd "$folder" && npm init -y && npm install --no-audit --no-fund date-holidays@3.37.0) > "$folder/npm.log" 2>&1 || { cat "$folder/npm.log" >&2; exit 1; }
cat > "$folder/list.cjs" <<'JS'
const Holidays = require('date-holidays');
const days = [2025, 2026].flatMap((year) => new Holidays('NL').getHolidays(year));
const of = (type) => days.filter((day) => day.type === type).map((day) => day.date.slice(0, 10));
console.log(JSON.stringify({public: of('public'), school: of('school')}));
JS
cd "$folder" && node list.cjs > npm.json && venv/bin/python - <<'PYTHON'
import json

import holidays
from workalendar.europe import Netherlands

years = (2025, 2026)
npm = json.load(open("npm.json"))
public = {
    "holidays": {str(day) for day in holidays.NL(years=years)},
    "workalendar": {str(day) for year in years for day, _ in Netherlands().holidays(year)},
    "date-holidays": set(npm["public"]),
}
common = set.intersection(*public.values())
print(len(common), "days in common; beside them:")
beside = {name: sorted(days - common) for name, days in public.items()}
for name, days in beside.items():
    print(f"{name:14}", *days)
assert len(common) == 18
assert beside == {
    "holidays": ["2025-04-18", "2025-05-05", "2026-04-03"],
    "workalendar": ["2025-04-18", "2025-05-05", "2026-04-03", "2026-05-05"],
    "date-holidays": [],
}
assert npm["school"] == ["2025-04-18", "2025-05-05", "2026-04-03", "2026-05-05"]
PYTHON
