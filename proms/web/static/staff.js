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
