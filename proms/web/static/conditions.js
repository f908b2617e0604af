/* Conditions on a device: the same data, the same meaning as proms/domain/instrument/condition.py.
   Both are held to tests/golden/conditions.yaml. `known` is {answers, facts}, in a rule also {previous, baseline, fired};
   an item without an answer is absent. */

/** Whether the condition is met; a missing answer makes a comparison false, never true. */
export function holds(condition, known) {
  if ("all" in condition) return condition.all.every((part) => holds(part, known));
  if ("any" in condition) return condition.any.some((part) => holds(part, known));
  if ("not" in condition) return !holds(condition.not, known);
  if ("previous" in condition) return holds(condition.previous, { ...known, answers: known.previous ?? {} });
  if ("baseline" in condition) return holds(condition.baseline, { ...known, answers: known.baseline ?? {} });
  if ("fired" in condition) return condition.fired.some((rule) => (known.fired ?? []).includes(rule));
  if ("fact" in condition) return isSo(condition, known.facts[condition.fact] ?? null);
  if ("rises" in condition) return rises(condition, known);
  return compares(condition, known.answers[condition.item]);
}

/** The items asked now, in order, each with the variant it is worded in (null where it has none). An answer to what is not
    asked decides nothing, nor does one to an item that stands further on. */
export function asked(items, known) {
  const answers = {};
  const counted = { ...known, answers };
  const shown = [];
  for (const item of items) {
    if (item.asked_if && !holds(item.asked_if, counted)) continue;
    shown.push({ ...item, variant: variantOf(item, counted) });
    if (item.code in known.answers) answers[item.code] = known.answers[item.code];
  }
  return shown;
}

function isSo(condition, value) {
  if ("at_least" in condition) return Number.isInteger(value) && value >= condition.at_least;
  if ("at_most" in condition) return Number.isInteger(value) && value <= condition.at_most;
  return value === condition.is;
}

function rises(condition, known) {
  const now = known.answers[condition.item];
  const before = (known[condition.since] ?? {})[condition.item];
  return Number.isInteger(now) && Number.isInteger(before) && now - before >= condition.rises;
}

function compares(condition, answer) {
  if ("missing" in condition) return (answer === undefined) === condition.missing;
  if ("at_least" in condition) return Number.isInteger(answer) && answer >= condition.at_least;
  if ("ticked" in condition) return Array.isArray(answer) && condition.ticked.some((option) => answer.includes(option));
  return [].concat(condition.is).includes(answer);
}

function variantOf(item, known) {
  const found = (item.variants ?? []).find((variant) => !variant.when || holds(variant.when, known));
  return found ? found.code : null;
}
