// The findings in words: the answer of every dataset first, the others folded by kind of budget.

const ANSWER = 3; // sentences on growth

const sentences = (list) => html("ul", { class: "found" }, list.map((sentence) => html("li", {}, unbroken(sentence))));

function openingAnswers() {
  const several = data.datasets.length > 1;
  const sizes = data.growths.flatMap((growth) => growth.datasets);
  const own = data.datasets.filter(({ name, answer }) => answer.length || !sizes.includes(name));
  const answers = own.map(({ name, answer }) => [
    several ? html("h3", {}, html("a", { href: address.link({ dataset: name, section: "dataset" }) }, `On ${name}`)) : null,
    sentences(answer.length ? answer : ["Nothing here can be compared."]),
  ]);
  const grown = data.growths.map(({ title, sentences: found }) => [html("h3", {}, html("a", { href: address.link({ section: "growth" }) }, `On ${title}`)), sentences(found.slice(0, ANSWER))]);
  return [...answers, ...grown];
}

function findingsSection(dataset) {
  return dataset.findings.map(({ kind, sentences: found }) =>
    html(
      "details",
      { class: "findings", "data-kind": kind ?? "several" },
      html("summary", {}, html("span", { class: "name" }, kind === null ? "Of several kinds of budgets" : `At equal ${KINDS[kind]}`), html("span", { class: "score" }, counted(found.length, "finding", "findings"))),
      sentences(found),
    ),
  );
}

// Paper has the findings, whichever are folded on the screen.
function unfoldOnPaper() {
  const paper = matchMedia("print");
  let folded = [];
  paper.addEventListener("change", () => {
    if (paper.matches) folded = [...document.querySelectorAll(".findings:not([open])")];
    for (const details of folded) details.open = paper.matches;
  });
}
