/* How many characters a field still takes, said before its end is there; counted as proms/domain/plain_text.py does.
   It listens on the document, so that it also serves a field that comes later. */

const ROOM_LOW = 0.1; // of all that fits

document.addEventListener("input", ({ target }) => target.dataset?.longest && sayRoom(target));
for (const field of document.querySelectorAll("[data-longest]")) sayRoom(field);

function sayRoom(field) {
  const line = field.parentElement.querySelector(".room.over");
  const longest = Number(field.dataset.longest);
  // Characters as people count them: one that a browser keeps as two is one.
  const left = longest - [...field.value.trim()].length;
  const words = left < 0 ? line.dataset.over : line.dataset.left;
  const said = left > longest * ROOM_LOW ? "" : words.replace("{count}", Math.abs(left));
  if (line.textContent !== said) line.textContent = said;
}
