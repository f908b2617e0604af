/* What a patient's pages do beyond being pages: they hold what is not sent yet, and send it. Without this file every one of
   them works as it stands. */

import { awayPage, takeOver } from "./form.js";
import { forget, forgetOld, formsOf, markSent, note, noted, rowsOf } from "./kept.js";
import { FORM, TITLE, arrive, keepThere } from "./sending.js";
import "./room.js";

const body = document.body;
const HELD = "forms"; // the service worker knows it by this name

const ready = body.dataset.owner ? standReady() : null;

if (document.getElementById("own")) takeOver(ready);
if (ready) holdOn();

async function holdOn() {
  navigator.serviceWorker?.register("/sw.js").catch(() => {});
  try {
    await ready;
    await forgetOld();
    if (body.dataset.arrived) await letGo(Number(body.dataset.arrived));
    if (document.getElementById("held")) await listHeld();
    else if (!document.getElementById("own")) await sendAll();
  } catch {
    // A browser that keeps nothing has nothing to send.
  }
}

/** Hold the page that is shown without a network, hers, in her language, and what her pages are made of. Pages of whoever came
    before her go. */
async function standReady() {
  const mine = `${body.dataset.owner} ${document.documentElement.lang}`;
  const [owner, language, ...had] = (await noted("held"))?.split(" ") ?? [];
  const known = `${owner} ${language}` === mine ? had : [];
  const lacking = files().filter((file) => !known.includes(file));
  if (!lacking.length) return;
  if (owner && owner !== body.dataset.owner) await caches.delete(HELD);
  const held = await caches.open(HELD);
  const away = document.getElementById("away");
  if (away) await held.put("/offline", awayPage(away));
  await held.addAll(away ? lacking : ["/offline", ...lacking]);
  await note("held", [mine, ...known, ...lacking].join(" "));
}

function files() {
  return [...document.querySelectorAll("link[rel=stylesheet], script[src]")].map((part) => part.getAttribute("href") ?? part.getAttribute("src"));
}

/** It is at the hospital: nothing of it stays here. */
async function letGo(form) {
  await forget(form);
  await (await caches.open(HELD)).delete(`/form/${form}/whole`);
}

async function listHeld() {
  const list = document.getElementById("held");
  for (const form of await formsOf(body.dataset.owner)) {
    if (!(await caches.match(`/form/${form}/whole`))) continue;
    const rows = await rowsOf(form, body.dataset.owner);
    const line = document.importNode(list.querySelector("template").content, true);
    line.querySelector("b").textContent = rows.get(TITLE)?.value ?? "";
    line.querySelector("a").href = `/form/${form}`;
    line.querySelector(`[data-when=${rows.has(FORM) ? "begun" : "waiting"}]`).remove();
    list.querySelector("ul").append(line);
    list.hidden = false;
  }
  window.addEventListener("online", () => location.reload());
}

async function sendAll() {
  for (const form of await formsOf(body.dataset.owner)) {
    const rows = await rowsOf(form, body.dataset.owner);
    const waiting = rows.get(FORM);
    if (waiting) await sendOne(form, waiting);
    else await keepOne(form, [...rows].filter(([item, row]) => item !== TITLE && !row.sent));
  }
}

async function sendOne(form, waiting) {
  const { state, reply } = await arrive(form, waiting, body);
  if (state !== "kept") return;
  await letGo(form);
  location.assign(reply.receipt);
}

async function keepOne(form, unsent) {
  if (!unsent.length) return;
  const { state } = await keepThere(form, unsent, body);
  if (state === "kept") await markSent(form, unsent.map(([item, row]) => [item, row.at]));
}
