/* Without a network: the forms that are open on this phone, and a page that says what is on it. With one, it does nothing: no
   page is shown from here while the hospital's computer answers. Nothing is sent from here either, for not every phone lets a
   page that is closed do that; the pages send when they are open again. */

const HELD = "forms";
const OFFLINE = "/offline";
const PATIENCE_MS = 8000;

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (origin !== location.origin) return;
  if (pathname.startsWith("/static/")) event.respondWith(fromHere(request));
  else if (request.mode === "navigate" && isPatients(pathname)) event.respondWith(page(request, pathname));
});

/** Staff and everything else go past this file. */
function isPatients(path) {
  return path === "/" || path === "/today" || /^\/(q|form|receipt|pause|earlier|pin)(\/|$)/.test(path);
}

async function fromHere(request) {
  return (await caches.match(request)) ?? fetch(request);
}

async function page(request, path) {
  const form = /^\/form\/(\d+)(\/|$)/.exec(path);
  const held = form && (await caches.match(`/form/${form[1]}/whole`));
  try {
    return await (held ? inTime(request) : fetch(request));
  } catch (gone) {
    const instead = held || (await caches.match(OFFLINE));
    if (!instead) throw gone;
    // What was sent from that page did not arrive, as far as is known here: the page from here says so.
    if (held && request.method === "POST") return Response.redirect(`${path}?away`, 303);
    return instead;
  }
}

/** The network's answer, unless it takes so long that there is as good as none. */
function inTime(request) {
  return new Promise((answered, failed) => {
    const over = setTimeout(failed, PATIENCE_MS);
    fetch(request).then(answered, failed).finally(() => clearTimeout(over));
  });
}
