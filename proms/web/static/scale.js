/* A scale to tap on beside the field of its number. A tap, not a drag: whoever scrolls past changes nothing, and nothing is
   chosen beforehand. It listens on the document, so that it also serves a field that comes later. */

document.documentElement.dataset.scale = "";
document.addEventListener("input", ({ target }) => target.matches?.(".vas .number") && point(target));
document.addEventListener("click", tap);
document.addEventListener("keydown", arrow);
for (const field of document.querySelectorAll(".vas .number")) point(field);

function tap({ target, clientY }) {
  const all = target.closest?.(".vas");
  const step = Number(target.dataset?.step);
  if (step) stepBy(all.querySelector(".number"), step);
  if (!target.closest?.(".scale")) return;
  const box = all.querySelector(".scale").getBoundingClientRect();
  const { low, high } = limits(all);
  choose(all.querySelector(".number"), low + ((box.bottom - clientY) / box.height) * (high - low));
}

function arrow(event) {
  const step = { ArrowUp: 1, ArrowDown: -1 }[event.key];
  if (!step || !event.target.matches?.(".vas .number") || !number(event.target)) return;
  event.preventDefault();
  stepBy(event.target, step);
}

function stepBy(field, step) {
  if (number(field)) choose(field, Number(number(field)) + step);
}

function choose(field, value) {
  const { low, high } = limits(field.closest(".vas"));
  field.value = Math.min(high, Math.max(low, Math.round(value)));
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

/** Show on the scale what stands in the field, where that is on it. */
function point(field) {
  const all = field.closest(".vas");
  const { low, high } = limits(all);
  const at = number(field) ? (Number(number(field)) - low) / (high - low) : -1;
  const scale = all.querySelector(".scale");
  if (at >= 0 && at <= 1) scale.style.setProperty("--at", at);
  else scale.removeAttribute("style");
}

function number(field) {
  return /^[0-9]{1,9}$/.exec(field.value.trim())?.[0];
}

function limits({ dataset }) {
  return { low: Number(dataset.low), high: Number(dataset.high) };
}
