/* The language is changed while a form is half filled in: that form is sent with the choice, and the page comes back with
   what was typed. Without this file only the page's main form is kept. */
document.addEventListener("click", (event) => {
  const choice = event.target.closest(".langs [lang]");
  const form = choice && [...document.forms].find(halfFilledIn);
  if (!form || choice.form === form) return;
  event.preventDefault();
  const language = document.createElement("input");
  Object.assign(language, { type: "hidden", name: "to_language", value: choice.lang });
  form.append(language);
  form.noValidate = true;
  form.submit();
});

for (const button of document.querySelectorAll("[data-prints]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}

/** Whether something was typed or chosen in a form that could be sent. */
function halfFilledIn(form) {
  return form.method === "post" && [...form.elements].some(isChanged);
}

function isChanged(field) {
  if (field.type === "checkbox" || field.type === "radio") return field.checked !== field.defaultChecked;
  if (field.tagName === "SELECT") return [...field.options].some((option) => option.selected !== option.defaultSelected);
  return "defaultValue" in field && field.type !== "hidden" && field.value !== field.defaultValue;
}

/* A number comes to stand where its button was: the page stays as it is, with all that was typed on it. Without this file
   the page comes back with the number and with what was typed. */
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-fills]");
  if (!button) return;
  event.preventDefault();
  const answer = await sent(button);
  const place = answer?.getElementById(button.dataset.fills);
  if (!place) return button.form.requestSubmit(button);
  document.getElementById(button.dataset.fills).replaceWith(place);
  place.querySelector("a")?.focus();
});

/** The page that a button's form is answered with; nothing where it is not answered with one. */
async function sent(button) {
  try {
    const answer = await fetch(button.formAction, { method: "POST", body: new FormData(button.form) });
    if (!answer.ok || answer.redirected) return null;
    return new DOMParser().parseFromString(await answer.text(), "text/html");
  } catch {
    return null;
  }
}

/* The worklist looks by itself whether something changed. A line in which something was typed or a number is shown stays as
   it is; what was new in it is told when it is sent. */
const WATCH_EVERY = 30_000;
const watched = document.querySelector("[data-watches]");
if (watched) setInterval(watch, Number(watched.dataset.every) || WATCH_EVERY);

export async function watch() {
  const alerts = document.getElementById("alerts");
  try {
    const answer = await fetch(alerts.dataset.watches);
    if (!answer.ok || answer.redirected || (await answer.json()).mark === alerts.dataset.mark) return;
    const page = await fetch(location.pathname + location.search);
    if (page.ok) renew(alerts, new DOMParser().parseFromString(await page.text(), "text/html"));
  } catch {
    // The next look may succeed.
  }
}

function renew(alerts, page) {
  const fresh = page.getElementById("alerts");
  if (!fresh || alerts.contains(document.activeElement?.closest("textarea, input, select"))) return;
  for (const line of alerts.querySelectorAll("li.al, .everything, .stray")) {
    if (!isTouched(line)) continue;
    const newer = line.id && fresh.querySelector(`[id='${line.id}']`);
    if (newer) newer.replaceWith(line);
    else fresh.prepend(line);
  }
  document.title = page.title;
  for (const part of [".seg", ".menu"]) document.querySelector(part).replaceWith(page.querySelector(part));
  alerts.replaceWith(fresh);
  document.getElementById("changed").textContent = fresh.dataset.says;
}

function isTouched(line) {
  return Boolean(line.querySelector(".reach a")) || [...line.querySelectorAll("input, select, textarea")].some(isChanged);
}
