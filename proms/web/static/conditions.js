/* Conditions on a device: the same data, the same meaning as proms/domain/instrument/condition.py.
   Both are held to tests/golden/conditions.yaml. `known` is {answers, facts}; an item without an answer is absent. */

/** Whether the condition is met; a missing answer makes a comparison false, never true. */
export function holds(condition, known) {
  if ("all" in condition) return condition.all.every((part) => holds(part, known));
  if ("any" in condition) return condition.any.some((part) => holds(part, known));
  if ("not" in condition) return !holds(condition.not, known);
  if ("fact" in condition) return (known.facts[condition.fact] ?? null) === condition.is;
  return compares(condition, known.answers[condition.item]);
}

/** The items asked now, in order, each with the variant it is worded in (null where it has none). */
export function asked(items, known) {
  return items
    .filter((item) => !item.asked_if || holds(item.asked_if, known))
    .map((item) => ({ ...item, variant: variantOf(item, known) }));
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
