/* Rules on a device, so that a red answer acts also without a network: the same data and the same meaning as
   proms/domain/alert/evaluate.py. Both are held to the same cases and to 10,000 drawn reports. */

import { holds } from "./conditions.js";

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

function urgencyOf(rule, known) {
  return rule.raised && holds(rule.raised.when, known) ? rule.raised.urgency : rule.urgency;
}
