/* The page to look the answers over where there is no network, as the one of the hospital's computer: under headings, what is
   there and what was left out first. */

const [THERE, LEFT_OUT, CALM] = [0, 1, 2];

/** Fill the page in with what was asked. */
export function lookOver(view, sections, asked) {
  sayLeftOut(view.querySelector("#left"), asked.filter((each) => each.skipped).length);
  const [group, line] = ["group", "line"].map((name) => view.querySelector(`template.${name}`));
  for (const [heading, items] of grouped(sections, asked)) {
    const part = document.importNode(group.content, true);
    if (heading) part.querySelector("h2").textContent = heading;
    else part.querySelector("h2").remove();
    part.querySelector(".rev").append(...items.map((each) => answerRow(each, line)));
    group.before(part);
  }
}

function sayLeftOut(note, count) {
  const words = note.querySelector("p");
  note.hidden = !count;
  words.textContent = words.dataset[count === 1 ? "one" : "many"].replace("{num}", count);
}

function grouped(sections, asked) {
  if (!sections.length) return [["", asked]];
  const first = (one, other) => weight(one) - weight(other);
  return sections
    .map(([heading, codes]) => [heading, asked.filter((each) => codes.includes(each.code)).sort(first)])
    .filter(([, items]) => items.length)
    .sort(([, [one]], [, [other]]) => first(one, other));
}

function weight(each) {
  if (each.said !== null) return each.there ? THERE : CALM;
  return each.none === "text" ? CALM : LEFT_OUT; // the free line at the end is no question
}

function answerRow(each, line) {
  const row = document.importNode(line.content, true);
  const question = row.querySelector("dt");
  question.textContent = `${each.number}. ${each.name}`;
  const answer = row.querySelector(".v");
  if (each.said === null) {
    answer.classList.add("none");
    answer.textContent = answer.dataset[each.none];
  } else {
    answer.lang = question.lang;
    answer.textContent = each.said;
  }
  row.querySelector("a").href = each.change;
  const which = row.querySelector(".vh");
  which.textContent = which.textContent.replace("{number}", each.number) + each.name;
  return row;
}
