#!/usr/bin/env bash
# fhir 4.12.0 (npm): a QuestionnaireResponse read from XML as an object has its valueDecimal as a text ("37.50"), while the
# boolean and the integer beside it are what they should be, and the same file read as JSON text has the number 37.50.
# Guess before: xmlToObj is xmlToJson parsed. So `answer > 38` compares text with number and JSON made from the object is
# no FHIR; take xmlToJson and parse it.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
(cd "$folder" && npm init -y && npm install --no-audit --no-fund fhir@4.12.0) > "$folder/npm.log" 2>&1 || { cat "$folder/npm.log" >&2; exit 1; }
cat > "$folder/probe.cjs" <<'JS'
const assert = require('assert');
const {Fhir} = require('fhir');
const answer = (linkId, type, value) => `<item><linkId value="${linkId}"/><answer><${type} value="${value}"/></answer></item>`;
const xml = '<QuestionnaireResponse xmlns="http://hl7.org/fhir"><status value="completed"/>'
  + answer('temperature', 'valueDecimal', '37.50') + answer('pain', 'valueInteger', '0')
  + answer('stoma', 'valueBoolean', 'false') + '</QuestionnaireResponse>';
const read = (response) => Object.fromEntries(response.item.map((each) => [each.linkId, Object.values(each.answer[0])[0]]));
const fhir = new Fhir();
console.log('fhir 4.12.0');
console.log('as an object', read(fhir.xmlToObj(xml)));
console.log('as JSON     ', read(JSON.parse(fhir.xmlToJson(xml))));
assert.deepStrictEqual(read(fhir.xmlToObj(xml)), {temperature: '37.50', pain: 0, stoma: false});
assert.deepStrictEqual(read(JSON.parse(fhir.xmlToJson(xml))), {temperature: 37.5, pain: 0, stoma: false});
assert.match(fhir.xmlToJson(xml), /"valueDecimal": 37\.50/);
JS
(cd "$folder" && node probe.cjs)
