/* From this phone to the hospital's computer, as often as it takes: what is sent twice is kept once. */

const PATIENCE_MS = 20000;
// Rows that are no answer: that a form waits to be sent, and what it is called.
export const FORM = "*form";
export const TITLE = "*title";

/** What the hospital's computer does not have yet of a form. */
export function keepThere(form, rows, page, leaving) {
  return sendAnew(`/form/${form}/keep`, { entries: written(rows) }, page, leaving);
}

/** A form that waits to be sent; the reply has its receipt. */
export function arrive(form, waiting, page) {
  const entries = written(Object.entries(waiting.entries));
  return sendAnew(`/form/${form}/arrive`, { key: waiting.key, entries }, page);
}

/** Send it; where the page is so old that its token is, with a new one. The state is "kept", or says why not. */
async function sendAnew(path, body, page, leaving) {
  const result = await send(path, body, page, leaving);
  if (result.state !== "strange" || leaving) return result;
  try {
    const answer = await fetch("/today", { redirect: "manual" });
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").body.dataset;
    if (fresh.owner !== page.dataset.owner) return { state: "shut" };
    page.dataset.token = fresh.token;
  } catch {
    return { state: "away" };
  }
  return send(path, body, page);
}

async function send(path, body, page, leaving) {
  const patience = new AbortController();
  const over = setTimeout(() => patience.abort(), PATIENCE_MS);
  try {
    const answer = await fetch(path, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-CSRFToken": page.dataset.token },
      body: JSON.stringify({ ...body, clock: new Date().toISOString() }),
      redirect: "error",
      keepalive: Boolean(leaving),
      signal: patience.signal,
    });
    return await meaning(answer);
  } catch {
    return { state: "away" };
  } finally {
    clearTimeout(over);
  }
}

async function meaning(answer) {
  if (answer.status >= 500) return { state: "away" };
  const reply = await answer.json().catch(() => ({}));
  if (answer.ok) return { state: "kept", reply };
  return { state: { 400: "strange", 401: "shut" }[answer.status] ?? "refused", reply };
}

function written(rows) {
  const entry = (row) => ({ value: row.value ?? null, at: new Date(row.at).toISOString() });
  return Object.fromEntries([...rows].map(([item, row]) => [item, entry(row)]));
}
