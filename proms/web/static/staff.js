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
