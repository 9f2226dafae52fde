// Build the page from its data: the answers, one dataset at a time, and the menu.

const data = JSON.parse(document.getElementById("data").textContent);
const tooltip = makeTooltip(document.getElementById("tooltip"));
const filters = filterForm();
const panel = recordPanel();
const report = document.getElementById("report");
const contents = document.getElementById("contents");
const menu = document.getElementById("menu");
const KEPT = [...FILTERS, "cost", "limit", "set", "first", "second", "compared", "queries", "leaf", "leaves"]; // by links of the menu
const GROWTH_TITLE = "Growth with the corpus";
let shownName = null;

// A section with an entry in the menu.
function section(id, title, ...children) {
  return html("section", { id, "aria-labelledby": `${id}-title` }, html("h3", { id: `${id}-title`, tabindex: -1 }, title), children);
}

function sectionsOf(dataset) {
  const hidden = html("p", { class: "soft filtered" });
  const update = () => {
    const view = viewOf(dataset);
    const parts = [view.kind && `budgets of ${KINDS[view.kind]}`, view.measure, address.all("method") && counted(labelsOf(dataset).filter(view.shows).length, "method", "methods")];
    hidden.textContent = parts.some(Boolean) ? `The filters show only ${parts.filter(Boolean).join(", ")}.` : "";
  };
  update();
  address.listen(update, FILTERS);
  const facts = [
    dataset.documents && counted(dataset.documents, "document", "documents"),
    counted(dataset.queries, "test query", "test queries"),
    `${dataset.seeds.length > 1 ? "seeds" : "seed"} ${dataset.seeds.join(", ")}`,
  ];
  return [
    html("div", { id: "dataset" }, html("h2", { id: "dataset-title", tabindex: -1 }, dataset.name), html("p", { class: "soft" }, [facts.filter(Boolean).join(", "), dataset.source].filter(Boolean).join(". ")), hidden),
    dataset.findings.length ? section("found", "More findings", findingsSection(dataset)) : null,
    section("trust", "How far to trust this", trustSection(dataset)),
    section("curves", "Quality against cost", chartSection(dataset, tooltip)),
    section("reading", "The best at a cost", readingSection(dataset)),
    dataset.joint ? section("joint", "What joint training is worth", tableSection(dataset.joint, dataset, false)) : null,
    section("tables", "Tables", dataset.tables.map((table) => tableSection(table, dataset))),
    section("preparation", "Training, building, memory", tableSection(dataset.preparation, dataset, false)),
    section("settings", "Settings and who chose them", settingsSection(dataset)),
    dataset.results ? section("queries", "Query by query", querySection(dataset)) : null,
    section("tree", "The tree", dataset.tree ? treeSection(dataset.tree) : treeMissing(dataset), dataset.loads ? tableSection(dataset.loads, dataset) : null),
    section("origin", "Commands and machine", originSection(dataset)),
  ].filter(Boolean);
}

function treeMissing(dataset) {
  const reasons = [...data.notes, ...dataset.notes].filter((note) => note.includes("tree"));
  return html("p", { class: "soft" }, reasons.length ? `The leaves are not listed: ${reasons.join("; ")}.` : "No tree was learned.");
}

function menuOf(dataset, sections) {
  const entries = [];
  const link = (text, changes) => {
    const entry = html("a", {}, text);
    entries.push(() => entry.setAttribute("href", address.link({ record: null, at: null, ...changes })));
    return entry;
  };
  const within = sections.filter(({ tagName }) => tagName === "SECTION").map((part) => html("li", {}, link(part.firstChild.textContent, { section: part.id })));
  const items = data.datasets.map((each) => {
    const entry = link(each.name, { dataset: each.name, section: "dataset", method: null, budget: null, measure: null });
    if (each === dataset) entry.setAttribute("aria-current", "true");
    return html("li", {}, entry, each === dataset ? html("ul", {}, within) : null);
  });
  const update = () => entries.forEach((entry) => entry());
  contents.replaceChildren(html("ul", {}, html("li", {}, link("The answer", { section: "answer" })), items, data.claims ? html("li", {}, link(data.claims.title, { section: "claims" })) : null, data.growths.length ? html("li", {}, link(GROWTH_TITLE, { section: "growth" })) : null, html("li", {}, link(data.published.title, { section: "published" })), html("li", {}, link("Notes", { section: "notes" }))));
  update();
  address.listen(update, KEPT);
}

function show() {
  const dataset = datasetNow();
  if (dataset.name !== shownName) {
    shownName = dataset.name;
    address.forget();
    address.notify(); // what is not about one dataset
    const sections = sectionsOf(dataset);
    report.replaceChildren(...sections);
    filters.fill(dataset);
    menuOf(dataset, sections);
    address.listen(panel.update, ["record", "at", "measure"]);
    panel.update();
  } else address.notify();
}

function goToSection() {
  const target = document.getElementById(address.text("section"));
  if (!target) return;
  target.scrollIntoView();
  document.getElementById(`${target.id}-title`)?.focus({ preventScroll: true });
}

document.getElementById("answers").replaceChildren(...openingAnswers().flat().filter(Boolean));
if (data.growths.length) {
  const growth = document.getElementById("growth");
  growth.append(html("h2", { id: "growth-title", tabindex: -1 }, GROWTH_TITLE), ...data.growths.flatMap(growthSection).flat());
  growth.hidden = false;
}
if (data.claims) {
  const claims = document.getElementById("claims");
  claims.append(html("h2", { id: "claims-title", tabindex: -1 }, data.claims.title), tableSection(data.claims, null, false));
  claims.hidden = false;
}
document.getElementById("published").append(html("h2", { id: "published-title", tabindex: -1 }, data.published.title), tableSection(data.published, null, false));
document.getElementById("notes").append(html("h2", { id: "notes-title", tabindex: -1 }, "Notes"), html("ul", { class: "notes" }, (data.notes.length ? data.notes : ["none"]).map((note) => html("li", {}, note))));
menu.append(filters.form);
document.body.append(panel.dialog);
document.querySelector(".skip").addEventListener("click", (event) => {
  event.preventDefault();
  document.querySelector("main").focus();
});
const wide = matchMedia("(min-width: 62rem)");
const openMenu = () => (menu.open = wide.matches);
wide.addEventListener("change", openMenu);
openMenu();
unfoldOnPaper();
addEventListener("hashchange", () => {
  address.reread();
  show();
  goToSection();
});
show();
goToSection();
