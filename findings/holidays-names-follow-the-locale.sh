#!/usr/bin/env bash
# holidays 0.109: asked without a language, the names come in that of the process's locale, and only where there is none in
# the country's own. Under LANG=C.UTF-8 the Dutch days are in English; under LANG=C, or with no LANG at all, in Dutch; the
# Belgian ones are in German under de_DE. Guess before: a country's default_language is what one gets. So names stored
# on one machine are not those of another, or of the same program started by a timer: pass language=, compare dates.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip -q --disable-pip-version-check install "holidays==0.109" 2> "$folder/pip.log" || { cat "$folder/pip.log" >&2; exit 1; }
cat > "$folder/probe.py" <<'PYTHON'
import json
import sys

import holidays

names = [holidays.country_holidays(country, years=2026)["2026-01-01"] for country in ("NL", "BE")]
named = holidays.country_holidays("NL", years=2026, language="nl")["2026-01-01"]
print(json.dumps([holidays.NL().default_language, *names, named]))
PYTHON
ask() {
  local told
  told=$(env -u LANGUAGE -u LC_ALL -u LC_MESSAGES -u LANG "$@" "$folder/venv/bin/python" "$folder/probe.py")
  echo "${*:-no locale}: $told"
  [ "$told" = "$expected" ]
}
"$folder/venv/bin/python" -c 'from importlib.metadata import version; print("holidays", version("holidays"))'
expected='["nl", "New Year'"'"'s Day", "New Year'"'"'s Day", "Nieuwjaarsdag"]' ask LANG=C.UTF-8
expected='["nl", "Nieuwjaarsdag", "Nieuwjaar", "Nieuwjaarsdag"]' ask LANG=C
expected='["nl", "Nieuwjaarsdag", "Nieuwjaar", "Nieuwjaarsdag"]' ask
expected='["nl", "Nieuwjaarsdag", "Neujahr", "Nieuwjaarsdag"]' ask LANG=de_DE.UTF-8
