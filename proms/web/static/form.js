/* A form that is turned over on the phone: its questions came once, each answer is kept here at once and at the hospital's
   computer soon after. What cannot be done here is left to the page, which is an ordinary form. */

import { judged } from "./rules.js";
import { beginsAnew, callShown, pair, putBack, sayCall, sayState, showInstead } from "./red.js";
import { forget, forgetItem, keepRow, markSent, rowsOf } from "./kept.js";
import { lookOver } from "./overview.js";
import { FORM, TITLE, arrive, keepThere } from "./sending.js";

const SOON_MS = 1000;
const AGAIN_MS = [2000, 5000, 15000, 30000];
const LEAVE_MS = 3000;
const page = document.body;
const form = document.getElementById("answering");
const own = form && JSON.parse(document.getElementById("own").textContent);
const base = own && `/form/${own.form}`;
const rows = new Map(Object.entries(own?.entries ?? {}));
let whole = null; // the document that holds all questions, once this phone keeps them
let data = dataIn(document) ?? own?.device; // what decides which answers are red, and then also what is asked
let at = own?.item; // none on a page that this phone kept
const served = Boolean(at);
let canKeep = true;
let heldPages = null; // whether this phone holds her pages, and nobody else's
let flushing = null;
let later;
let tries = 0;
let waiting = null;
let sending = false;

/** Take the page's form over, with what this phone kept of it. */
export async function takeOver(ready) {
  heldPages = ready;
  form.addEventListener("submit", next);
  document.addEventListener("click", turnTo);
  window.addEventListener("popstate", () => showAddress());
  window.addEventListener("online", backOnline);
  document.addEventListener("visibilitychange", () => (document.hidden ? flush(true) : goOnSending()));
  // A page that comes back as it was left shows what was true then.
  window.addEventListener("pageshow", (event) => event.persisted && location.reload());
  try {
    const kept = await rowsOf(own.form, page.dataset.owner);
    await fetchWhole();
    for (const [item, row] of kept) takeIn(item, row);
  } catch {
    canKeep = false;
    return;
  }
  if (whole) form.dataset.taken = "";
  if (waiting || !served) showAddress();
  else if (whole === document && rows.size) catchUp();
  goOnSending();
}

/** This phone has answers that the hospital's computer does not have: who comes in at the beginning goes on after them. */
function catchUp() {
  beBegun();
  if (!rows.has(at)) return;
  const { shown } = standing();
  const left = shown.find((item) => !rows.has(item.code));
  if (left && at === shown[0].code) history.replaceState(null, "", `${base}/${left.code}`);
  showAddress();
}

/** With the first answer the beginning is over, and the language fixed: nothing offers another from then on. */
function beBegun() {
  for (const part of document.querySelectorAll("#intro, form.in-language")) part.remove();
}

/** What was kept here counts unless the hospital's computer has it; what that lacks goes there again, but for an answer that
    it gave up because the question came to be asked in other words. */
function takeIn(item, row) {
  const givenUp = row.sent && served && data?.items.some((each) => each.code === item && each.variants);
  if (item === TITLE) return;
  if (item === FORM) waiting = row;
  else if (!row.sent || !(rows.has(item) || givenUp)) rows.set(item, { ...row, sent: false });
}

async function fetchWhole() {
  if (dataIn(document)) whole = document;
  else whole = await fetchPage(`${base}/whole`);
  if (!whole) return;
  data = dataIn(whole);
  if (whole === document && served) hold(ownPage());
  const title = document.querySelector(".q-count span").textContent.trim();
  await keepRow(own.form, page.dataset.owner, TITLE, { value: title }, Date.now());
}

function dataIn(page) {
  return JSON.parse(page.getElementById("whole")?.textContent ?? "null");
}

/** This page as it came, before anything was done on it, and at no question. */
function ownPage() {
  return changed((page) => {
    page.querySelector("#own").textContent = JSON.stringify({ ...own, item: null });
  });
}

/** The page to show where there is no network, made of this one. */
export function awayPage(away) {
  return changed((page) => {
    const main = Object.assign(document.createElement("main"), { id: "content" });
    main.append(document.importNode(away.content, true));
    const foot = page.querySelector("footer");
    foot.replaceChildren(foot.querySelector(".sick"));
    page.querySelector("title").textContent = document.title.replace(/^[^–]*/, `${main.querySelector("h1").textContent} `);
    page.querySelector("body").replaceChildren(main, foot);
  });
}

/** This page with a change, as a phone keeps it: under the policy that it came with. */
function changed(change) {
  const copy = document.documentElement.cloneNode(true);
  change(copy);
  const headers = { "Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": data.policy };
  return new Response(`<!doctype html>${copy.outerHTML}`, { headers });
}

/** Keep the page for when there is no network. */
function hold(answer) {
  heldPages.then(() => caches.open("forms")).then((all) => all.put(`${base}/whole`, answer)).catch(() => {});
}

async function fetchPage(address) {
  try {
    const answer = await fetch(address, { redirect: "error" });
    if (!answer.ok) return null;
    hold(answer.clone());
    return new DOMParser().parseFromString(await answer.text(), "text/html");
  } catch {
    return null;
  }
}

/* ---- an answer */

function next(event) {
  if (event.submitter?.name) return; // another language
  const given = filledIn();
  const met = given.ready ? newlyRed(given.value) : [];
  if (!whole && !met.length) return;
  event.preventDefault();
  if (given.wrong) return sayWrong();
  if (!given.ready) return go(`${base}/${at}/skip`);
  record(at, given.value);
  if (met.length) call();
  else onward();
}

/** What stands in the form: ready where it can be kept, wrong where a person has to look at it again. */
function filledIn() {
  const written = form.querySelector("textarea, .number");
  const ticked = [...form.querySelectorAll("[name=answer]:checked")].map((box) => box.value);
  const item = current();
  if (written?.matches("textarea")) {
    const text = written.value.trim();
    const { longest, typed } = written.dataset;
    const kept = [...text].length <= Number(longest) && new RegExp(typed, "u").test(text);
    return kept ? { ready: true, value: text || null } : { wrong: true };
  }
  if (written) {
    const text = written.value.trim();
    const number = Number(text);
    if (!text) return {};
    const fits = /^[0-9]{1,9}$/.test(text) && item && number >= item.low && number <= item.high;
    return fits ? { ready: true, value: number } : { wrong: true };
  }
  if (!ticked.length || !item) return {};
  if (item.kind !== "multiple") return { ready: true, value: typeof item.nothing === "number" ? Number(ticked[0]) : ticked[0] };
  return ticked.length > 1 && ticked.includes(item.none) ? { wrong: true } : { ready: true, value: ticked };
}

function sayWrong() {
  form.querySelector("#wrong")?.remove();
  const words = template(nameOf(at)).content.querySelector("template.wrong").content;
  const note = document.importNode(words, true).firstElementChild;
  form.querySelector("#asked").prepend(note);
  const field = form.querySelector("textarea, .number");
  field?.setAttribute("aria-invalid", "true");
  field?.setAttribute("aria-describedby", `${field.getAttribute("aria-describedby") ?? ""} wrong`.trim());
  note.tabIndex = -1;
  note.focus();
}

/** Keep what was given: here at once, there soon. */
async function record(item, value) {
  const row = { value, at: Date.now(), sent: false };
  const before = new Map(standing().shown.map((each) => [each.code, each.variant]));
  rows.set(item, row);
  beBegun();
  for (const { code, variant } of standing().shown) {
    // An answer to other words is none.
    if (before.has(code) && before.get(code) !== variant && rows.delete(code)) forgetItem(own.form, code).catch(() => {});
  }
  try {
    await keepRow(own.form, page.dataset.owner, item, { value }, row.at);
    say("phone");
  } catch {
    canKeep = false;
  }
  clearTimeout(later);
  later = setTimeout(flush, callShown() || !canKeep ? 0 : SOON_MS);
}

function current() {
  return data?.items.find((item) => item.code === at);
}

function answers() {
  return Object.fromEntries([...rows].filter(([, row]) => row.value != null).map(([item, row]) => [item, row.value]));
}

function standing() {
  return judged(data.items, data.rules, answers());
}

/* ---- a red answer */

/** The red rules that this answer meets and that were not met before it. */
function newlyRed(value) {
  if (!data?.rules.length || value === null) return [];
  const before = standing().red.map((breach) => breach.rule);
  const after = judged(data.items, data.rules, { ...answers(), [at]: value }).red;
  return after.some((breach) => !before.includes(breach.rule)) ? after : [];
}

function call() {
  const met = standing().red;
  const shown = sayCall(template("red"), met, told(met));
  shown.querySelector("[data-again]").addEventListener("click", () => flush());
  shown.querySelector("[data-back]").addEventListener("click", () => {
    putBack();
    form.querySelector(":checked").focus();
  });
  shown.querySelector("[data-on]").addEventListener("click", goOn);
  sayState("saving");
}

function goOn() {
  if (!whole) return location.assign(base);
  putBack();
  onward();
}

/** Her own answers that these rules looked at, in the order of the questions. */
function told(met) {
  const ids = met.map((breach) => breach.rule);
  const shows = data.rules.filter((rule) => ids.includes(rule.id)).flatMap((rule) => rule.shows);
  return data.order.filter((code) => shows.includes(code)).map(wordsOf).filter(Boolean);
}

/** An answer in the words she read; nothing where it says that nothing is there. */
function wordsOf(code) {
  const item = data.items.find((each) => each.code === code);
  const value = rows.get(code)?.value;
  if (value == null || !item || !tells(item, value)) return null;
  return item.told && code !== at ? item.told : [item.label, inWords(code, [].concat(value))];
}

/** Whether an answer says that something is there. */
function tells(item, value) {
  const said = [].concat(value);
  return said.length > 1 || said[0] !== item.nothing;
}

function inWords(code, said) {
  const place = code === at ? form : template(nameOf(code)).content;
  const words = said.map((value) => place.querySelector(`[value="${CSS.escape(value)}"] + label`)?.textContent.trim());
  return words.every(Boolean) ? words.join("; ") : said.join("; ");
}

/* ---- from question to question */

function onward() {
  if (own.checking) return toReview();
  const shown = standing().shown;
  const following = shown[shown.findIndex((item) => item.code === at) + 1];
  // What was told on the page that says to call is not asked again.
  if (following && !(following.follow_up && rows.has(following.code))) return go(`${base}/${following.code}`);
  const left = shown.find((item) => !rows.has(item.code));
  return left ? go(`${base}/${left.code}`) : toReview();
}

/** The page to check the answers on: the hospital computer's where it has them all, else this phone's. */
async function toReview() {
  const patience = new Promise((over) => setTimeout(over, LEAVE_MS));
  const state = navigator.onLine ? await Promise.race([flush(), patience]) : "away";
  if (state === "kept") location.assign(`${base}/review`);
  else go(`${base}/review`);
}

function turnTo(event) {
  const link = event.target.closest("a[href]");
  if (!link || !whole || event.defaultPrevented || event.ctrlKey || event.metaKey) return;
  const to = new URL(link.href);
  if (to.origin !== location.origin || link.hash) return;
  event.preventDefault();
  if (inPlace(to.pathname)) go(to.pathname + to.search);
  else leaveFor(to);
}

/** Away from this page, with what was answered kept there too where that goes quickly. */
async function leaveFor(to) {
  if (navigator.onLine) await Promise.race([flush(), new Promise((over) => setTimeout(over, LEAVE_MS))]);
  location.assign(to);
}

function go(address) {
  history.pushState(null, "", address);
  showAddress();
}

function inPlace(path) {
  const [code, more, rest] = path.startsWith(`${base}/`) ? path.slice(base.length + 1).split("/") : [];
  const known = standing().shown.some((item) => item.code === code);
  return known && rest === undefined && (more === undefined || more === "skip");
}

/** What the address says: a question, whether to leave it out, or the answers to check. */
function showAddress() {
  if (!whole) return location.reload();
  putBack();
  if (waiting) return showWaiting();
  const [code, more] = location.pathname.slice(base.length + 1).split("/");
  own.checking = new URLSearchParams(location.search).has("check");
  const { shown } = standing();
  const item = shown.find((each) => each.code === code);
  if (code === "review") return showReview(shown);
  showQuestion(item ?? shown.find((each) => !rows.has(each.code)) ?? shown[0], shown);
  if (item && more === "skip") askToSkip(item);
}

function showQuestion(item, shown) {
  const place = shown.indexOf(item);
  const before = shown[place - 1];
  const check = own.checking ? "?check=1" : "";
  at = item.code;
  if (rows.size) beBegun();
  form.querySelector("#asked").replaceChildren(document.importNode(template(nameOf(at)).content, true));
  fillIn(rows.get(at)?.value);
  const count = data.count.replace("{number}", place + 1).replace("{total}", shown.length);
  document.getElementById("count").textContent = count;
  const bar = document.querySelector(".q-top progress");
  const [earlier, later] = [Number(bar.dataset.before), Number(bar.dataset.after)];
  Object.assign(bar, { max: earlier + shown.length + later, value: earlier + place });
  document.querySelector(".q-bar a").href = own.checking ? `${base}/review` : before ? `${base}/${before.code}` : "/today";
  const skip = document.getElementById("leave-out");
  skip.hidden = item.kind === "text";
  skip.href = `${base}/${at}/skip${check}`;
  document.title = document.title.replace(/^[^–]*/, `${count} `);
  const heading = form.querySelector("#asked h1");
  heading.tabIndex = -1;
  window.scrollTo(0, 0);
  beginsAnew();
  heading.focus();
}

function fillIn(value) {
  if (value == null) return;
  for (const field of form.querySelectorAll("[name=answer]")) {
    if (field.type === "radio" || field.type === "checkbox") field.checked = [].concat(value).map(String).includes(field.value);
    else {
      field.value = value;
      field.dispatchEvent(new Event("input", { bubbles: true }));
    }
  }
}

function askToSkip(item) {
  const shown = showInstead(template(item.safety ? "skip-safety" : "skip"));
  shown.querySelector(".quote").textContent = form.querySelector("#asked h1").textContent.trim();
  shown.querySelector("[data-back]").addEventListener("click", () => history.back());
  shown.querySelector("[data-skip]").addEventListener("click", () => {
    putBack();
    record(at, null);
    onward();
  });
}

function template(name) {
  return document.getElementById(name) ?? whole?.getElementById(name);
}

function nameOf(code) {
  const variant = standing().shown.find((item) => item.code === code)?.variant;
  return variant ? `ask-${code}-${variant}` : `ask-${code}`;
}

/* ---- check and send without a network */

function showReview(shown) {
  const view = showInstead(template("check"));
  view.querySelector(".away").hidden = !new URLSearchParams(location.search).has("away");
  const met = standing().red;
  view.querySelector(".urgent-card").hidden = !met.length;
  view.querySelector(".told").append(...told(met).map(pair));
  lookOver(view, data.sections, shown.map(asLookedOver));
  view.querySelector("[data-send]").addEventListener("click", () => putInLine(shown));
}

/** An item as the page to look the answers over shows it. */
function asLookedOver(item, place) {
  const row = rows.get(item.code);
  const answered = row?.value != null;
  return {
    code: item.code,
    number: place + 1,
    name: item.label ?? document.importNode(template(nameOf(item.code)).content, true).querySelector("h1").textContent.trim(),
    said: answered ? inWords(item.code, [].concat(row.value)) : null,
    there: answered && tells(item, row.value),
    none: item.kind === "text" ? "text" : item.safety ? "safety" : "left",
    skipped: Boolean(row) && !answered && item.kind !== "text",
    change: `${base}/${item.code}?check=1`,
  };
}

/** She sent it: what she saw waits here until the hospital's computer has given a receipt for it. */
async function putInLine(shown) {
  if (waiting) return;
  const codes = shown.map((item) => item.code).filter((code) => rows.has(code));
  const entries = Object.fromEntries(codes.map((code) => [code, rows.get(code)]));
  tries = 0;
  waiting = { key: crypto.randomUUID(), entries, at: Date.now() };
  try {
    await keepRow(own.form, page.dataset.owner, FORM, waiting, waiting.at);
  } catch {
    waiting = null;
    return;
  }
  showWaiting();
  sendWaiting();
}

function showWaiting() {
  showInstead(template("waiting")).querySelector("[data-send]").addEventListener("click", () => sendWaiting());
  sayState(sending ? "sending" : notSent("away"));
}

/** Send it, again and again while there is a network; what is tried by itself is not said each time. */
async function sendWaiting(byItself = false) {
  clearTimeout(later);
  if (sending || !waiting) return;
  sending = true;
  if (!byItself) sayState("sending");
  const { state, reply } = await arrive(own.form, waiting, page);
  sending = false;
  if (state === "kept") {
    await forget(own.form).catch(() => {});
    return location.replace(reply.receipt);
  }
  // Without a network the browser says when it is back; but a try may have begun just before that.
  if (notSent(state) === "busy") goOnLater();
  sayState(notSent(state));
  if (reply?.message) document.querySelector("#instead [data-message]").textContent = reply.message;
}

function notSent(state) {
  if (state !== "away" && state !== "strange") return state;
  return navigator.onLine ? "busy" : "away";
}

/* ---- at the hospital's computer */

function goOnSending() {
  if (waiting) sendWaiting(true);
  else flush();
}

function goOnLater() {
  clearTimeout(later);
  later = setTimeout(goOnSending, AGAIN_MS[Math.min(tries++, AGAIN_MS.length - 1)]);
}

function backOnline() {
  tries = 0;
  goOnSending();
}

/** What is not there yet goes there; the state it is in then. */
async function flush(leaving = false) {
  clearTimeout(later);
  if (flushing) await flushing;
  const unsent = [...rows].filter(([, row]) => !row.sent);
  if (!unsent.length) return "kept";
  flushing = keepThere(own.form, unsent, page, leaving === true);
  const { state, reply } = await flushing;
  flushing = null;
  if (state === "kept") await noteKept(unsent);
  else goOnLater();
  say(state, reply?.message);
  // The same page, with what else can be done.
  if (reply?.call && callShown()) location.assign(reply.call);
  return state;
}

async function noteKept(unsent) {
  tries = 0;
  for (const [item, row] of unsent) if (rows.get(item) === row) row.sent = true;
  await markSent(own.form, unsent.map(([item, row]) => [item, row.at])).catch(() => {});
}

/** Where the answers are: in words that promise no more than is so. */
function say(state, sentence) {
  if (callShown()) return sayState({ kept: "saved" }[state] ?? (canKeep ? "phone" : "unsaved"));
  const line = form.querySelector("#state");
  const near = state === "away" && navigator.onLine ? "phone" : state;
  const words = sentence ?? line.dataset[canKeep || state === "kept" ? near : "unsaved"];
  if (words && line.textContent !== words) line.textContent = words;
}
