/* Answers that are not sent yet, kept on this phone: a row for each, sealed with a key that no script can read out of the
   browser. They are this patient's and this form's alone; they go when the form is sent, or after seven days. */

const KEPT_FOR = 7 * 24 * 3600 * 1000;
const SEAL = "AES-GCM";
let opening;

/** Keep one thing of a form, before the promise is kept that it is: on the disk, not only in memory. */
export async function keepRow(form, owner, item, content, at) {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const text = new TextEncoder().encode(JSON.stringify(content));
  const sealed = await crypto.subtle.encrypt(sealing(iv, form, owner, item), await ownKey(), text);
  await inRows((rows) => rows.put({ form, owner, item, at, sent: false, iv, sealed }));
}

/** What is kept of a form, by item: what it was, when, and whether the hospital's computer has it. */
export async function rowsOf(form, owner) {
  const found = new Map();
  const key = await ownKey();
  for (const row of await inRows((rows) => rows.getAll(wholeForm(form)), "readonly")) {
    if (row.owner !== owner || isOld(row)) continue;
    const text = await crypto.subtle.decrypt(sealing(row.iv, form, owner, row.item), key, row.sealed);
    found.set(row.item, { ...JSON.parse(new TextDecoder().decode(text)), at: row.at, sent: row.sent });
  }
  return found;
}

/** The forms of which something is kept for this patient. */
export async function formsOf(owner) {
  const rows = await inRows((all) => all.getAll(), "readonly");
  return [...new Set(rows.filter((row) => row.owner === owner && !isOld(row)).map((row) => row.form))];
}

/** The hospital's computer has these now, unless they were changed meanwhile. */
export function markSent(form, rows) {
  return inRows((kept) => {
    for (const [item, at] of rows) {
      const asking = kept.get([form, item]);
      asking.onsuccess = () => asking.result?.at === at && kept.put({ ...asking.result, sent: true });
    }
  });
}

export function forget(form) {
  return inRows((rows) => rows.delete(wholeForm(form)));
}

export function forgetItem(form, item) {
  return inRows((rows) => rows.delete([form, item]));
}

export function forgetOld() {
  return inRows((rows) => {
    const walk = rows.openCursor();
    walk.onsuccess = () => {
      if (!walk.result) return;
      if (isOld(walk.result.value)) walk.result.delete();
      walk.result.continue();
    };
  });
}

/** What this phone notes of itself under a name. */
export function noted(name) {
  return inStore("names", "readonly", (names) => names.get(name));
}

export function note(name, text) {
  return inStore("names", "readwrite", (names) => names.put(text, name));
}

function isOld(row) {
  return row.at < Date.now() - KEPT_FOR;
}

function wholeForm(form) {
  return IDBKeyRange.bound([form], [form, []]);
}

function sealing(iv, form, owner, item) {
  return { name: SEAL, iv, additionalData: new TextEncoder().encode(`${form} ${owner} ${item}`) };
}

async function ownKey() {
  const held = await inStore("names", "readonly", (names) => names.get("key"));
  if (held) return held;
  const made = await crypto.subtle.generateKey({ name: SEAL, length: 256 }, false, ["encrypt", "decrypt"]);
  try {
    await inStore("names", "readwrite", (names) => names.add(made, "key"));
    return made;
  } catch {
    // Another tab made one at the same moment.
    return inStore("names", "readonly", (names) => names.get("key"));
  }
}

function inRows(act, mode = "readwrite") {
  return inStore("rows", mode, act);
}

async function inStore(name, mode, act) {
  const store = await opened();
  return new Promise((done, failed) => {
    const transaction = store.transaction(name, mode, { durability: "strict" });
    const asked = act(transaction.objectStore(name));
    transaction.oncomplete = () => done(asked?.result);
    transaction.onabort = transaction.onerror = () => failed(transaction.error);
  });
}

function opened() {
  opening ??= new Promise((done, failed) => {
    const asking = indexedDB.open("forms", 1);
    asking.onupgradeneeded = () => {
      asking.result.createObjectStore("names");
      asking.result.createObjectStore("rows", { keyPath: ["form", "item"] });
    };
    asking.onsuccess = () => done(asking.result);
    asking.onerror = () => failed(asking.error);
  });
  return opening;
}
