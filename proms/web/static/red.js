/* A red answer acts before the network does: the page decides by the rules it carries and says to call at once, while
   the answer is saved behind it. Whether it is saved is said as it is. Without this file the server shows that page. */

import { breaches } from "./rules.js";

const PATIENCE_MS = 20000;
const form = document.getElementById("answering");
const data = JSON.parse(document.getElementById("red-data").textContent);

form.addEventListener("submit", (event) => {
  // A choice of language saves nothing.
  if (event.submitter?.name) return;
  const answer = chosen();
  const more = answer === null ? [] : newlyRed(answer);
  if (!more.length) return;
  event.preventDefault();
  sayCall(answer, more);
  save();
});

// A page that comes back as it was left shows what was true then.
window.addEventListener("pageshow", (event) => event.persisted && location.reload());

/** What is chosen, as the rules know it; null where it is nothing, or is a choice that the server asks about. */
function chosen() {
  const ticked = [...form.querySelectorAll("[name=answer]:checked")];
  const values = ticked.map((box) => box.value);
  if (!ticked.length || (values.length > 1 && values.includes(data.nothing))) return null;
  if (ticked[0].type === "checkbox") return values;
  return typeof data.nothing === "number" ? Number(values[0]) : values[0];
}

/** The red rules that this answer meets and that were not met before it. */
function newlyRed(answer) {
  const before = red(data.answers).map((breach) => breach.rule);
  return red({ ...data.answers, [data.item]: answer }).filter((breach) => !before.includes(breach.rule));
}

function red(answers) {
  return breaches(data.rules, { answers, facts: {} }).filter((breach) => breach.urgency === "red");
}

function sayCall(answer, more) {
  const all = red({ ...data.answers, [data.item]: answer });
  const page = document.createElement("main");
  page.append(document.getElementById("red").content.cloneNode(true));
  for (const text of page.querySelectorAll("[data-groups]")) {
    const groups = text.dataset.groups.split(" ");
    if (!all.some((breach) => groups.includes(breach.group))) text.remove();
  }
  const why = page.querySelector(".why");
  if (!why.children.length) why.remove();
  tell(page.querySelector(".told"), all);
  page.querySelector("[data-again]").addEventListener("click", save);
  page.querySelector("[data-back]").addEventListener("click", backToQuestion);
  page.id = "call";
  turn(page.querySelector("h1").textContent, true);
  document.querySelector("footer").before(page);
  window.scrollTo(0, 0);
  page.querySelector("h1").focus();
}

/** Put the question away, or back again. */
function turn(heading, away) {
  for (const part of document.querySelectorAll("body > header, #content, .skiplink, .langs")) part.hidden = away;
  document.body.classList.toggle("urgent", away);
  document.title = document.title.replace(/^[^–]*/, `${heading} `);
}

function backToQuestion() {
  document.getElementById("call").remove();
  turn(document.querySelector("#content h1").textContent, false);
  form.querySelector(":checked").focus();
}

/** Her own answers that these rules looked at, in the order of the questions. */
function tell(list, all) {
  const met = all.map((breach) => breach.rule);
  const shows = data.rules.filter((rule) => met.includes(rule.id)).flatMap((rule) => rule.shows);
  const words = { ...data.told };
  delete words[data.item];
  const said = [...form.querySelectorAll("[name=answer]:checked")].filter((box) => box.value !== String(data.nothing));
  if (said.length) words[data.item] = [data.label, said.map((box) => box.labels[0].textContent.trim()).join("; ")];
  for (const item of data.order.filter((code) => shows.includes(code) && words[code])) {
    const row = document.createElement("div");
    for (const [index, name] of ["dt", "dd"].entries()) {
      row.append(Object.assign(document.createElement(name), { textContent: words[item][index] }));
    }
    list.append(row);
  }
}

let saving = false;

/** Send the form as it would have been sent; the server's own page follows when it has the answer. */
async function save() {
  if (saving || !document.getElementById("call")) return;
  saving = true;
  say("saving");
  const patience = new AbortController();
  const over = setTimeout(() => patience.abort(), PATIENCE_MS);
  try {
    const body = new URLSearchParams(new FormData(form));
    const answer = await fetch(form.action, { method: "POST", body, signal: patience.signal });
    const onward = new URL(answer.url);
    const saved = answer.ok && answer.redirected && onward.pathname.startsWith(location.pathname.replace(/[^/]*$/, ""));
    say(saved ? "saved" : "unsaved");
    if (saved) goOn(onward);
  } catch {
    say("unsaved");
  }
  clearTimeout(over);
  saving = false;
}

function goOn(onward) {
  if (!document.getElementById("call")) return;
  document.querySelector("#call a[data-when=saved]").href = onward;
  // The same page, with what else can be done.
  if (onward.pathname.endsWith("/call")) location.assign(onward);
}

function say(state) {
  for (const part of document.querySelectorAll("#call [data-when]")) part.hidden = part.dataset.when !== state;
  if (state === "unsaved") window.addEventListener("online", save, { once: true });
}
