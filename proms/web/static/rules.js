/* Rules on a device, so that a red answer acts also without a network: the same data and the same meaning as
   proms/domain/alert/evaluate.py. Both are held to the same cases and to 10,000 drawn reports. */

import { asked, holds } from "./conditions.js";

const URGENCIES = ["red", "amber", "info"];

/** The rules that these answers break, most urgent first, in the order of the rules within an urgency. */
export function breaches(rules, known) {
  const fired = [];
  const met = [];
  for (const rule of rules) {
    const so = { ...known, fired };
    if (!holds(rule.when, so)) continue;
    met.push({ rule: rule.id, group: rule.group, urgency: urgencyOf(rule, so) });
    fired.push(rule.id);
  }
  return URGENCIES.flatMap((urgency) => met.filter((breach) => breach.urgency === urgency));
}

/** What is asked now that these answers were given, and which red rules those to what is asked meet. */
export function judged(items, rules, answers) {
  let shown = asked(items, { answers, facts: {} });
  let met = red(rules, shown, answers);
  if (met.length) {
    // Now the questions count that are asked only when something cannot wait.
    shown = asked(items, { answers, facts: { level: "red" } });
    met = red(rules, shown, answers);
  }
  return { shown, red: met };
}

function red(rules, shown, answers) {
  const codes = shown.map((item) => item.code).filter((code) => code in answers);
  const given = Object.fromEntries(codes.map((code) => [code, answers[code]]));
  return breaches(rules, { answers: given, facts: {} }).filter((breach) => breach.urgency === "red");
}

function urgencyOf(rule, known) {
  return rule.raised && holds(rule.raised.when, known) ? rule.raised.urgency : rule.urgency;
}
