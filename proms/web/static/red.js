/* What stands in a question's place: the page that says to call, the one that asks about a question left out, the answers to
   check. A red answer acts before the network does; where it is kept is said as it is. */

let held = null; // the question, while something else stands in its place

/** Show a template's page in the place of the question. */
export function showInstead(template, { urgent = false } = {}) {
  putBack();
  const page = document.createElement("main");
  page.id = "instead";
  page.className = template.className;
  page.append(document.importNode(template.content, true));
  held = document.getElementById("content");
  held.replaceWith(page);
  turn(page.querySelector("h1").textContent, true, urgent);
  window.scrollTo(0, 0);
  page.querySelector("h1").focus();
  return page;
}

/** A tap that was meant for what stood here before counts for nothing, as on a page that arrives. */
export function beginsAnew() {
  document.body.style.animation = "none";
  document.body.getBoundingClientRect(); // so that it begins anew
  document.body.style.animation = "";
}

/** The question again. */
export function putBack() {
  if (!held) return;
  document.getElementById("instead").replaceWith(held);
  turn(held.querySelector("h1").textContent, false, false);
  held = null;
}

/** The page that says to call, with her own answers to read out on the telephone. */
export function sayCall(template, met, told) {
  const page = showInstead(template, { urgent: true });
  page.classList.add("call");
  for (const text of page.querySelectorAll("[data-groups]")) {
    const groups = text.dataset.groups.split(" ");
    if (!met.some((breach) => groups.includes(breach.group))) text.remove();
  }
  const why = page.querySelector(".why");
  if (!why.children.length) why.remove();
  for (const words of told) page.querySelector(".told").append(pair(words));
  return page;
}

/** How it stands with what the page in the question's place is about. */
export function sayState(state) {
  for (const part of document.querySelectorAll("#instead [data-when]")) {
    part.hidden = !part.dataset.when.split(" ").includes(state);
  }
}

export function callShown() {
  return Boolean(document.querySelector("#instead.call"));
}

function turn(heading, away, urgent) {
  for (const part of document.querySelectorAll("body > header, .skiplink, .langs")) part.hidden = away;
  document.body.classList.toggle("urgent", urgent);
  document.title = document.title.replace(/^[^–]*/, `${heading.trim()} `);
}

/** A few words for a question, and the answer to it. */
export function pair(words) {
  const made = document.createElement("div");
  for (const [index, name] of ["dt", "dd"].entries()) {
    made.append(Object.assign(document.createElement(name), { textContent: words[index] }));
  }
  return made;
}
