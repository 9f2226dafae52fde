// Build the page from its data, one dataset at a time.

const data = JSON.parse(document.getElementById("data").textContent);
const tooltip = makeTooltip(document.getElementById("tooltip"));

function section(id, link, title, ...children) {
  return html("section", { id, "data-link": link }, html("h2", {}, title), children);
}

function show(dataset) {
  const sections = [
    section(
      "found",
      "Found",
      "What was found",
      html("p", { class: "soft" }, `${dataset.name}: ${[counted(dataset.queries, "test query", "test queries"), dataset.source].filter(Boolean).join(". ")}`),
      html("ul", { class: "found" }, dataset.headlines.map((sentence) => html("li", {}, sentence))),
    ),
    section("curves", "Curves", "Quality against cost", chartSection(dataset, tooltip)),
    section("tables", "Tables", "Tables", dataset.tables.map((table) => tableSection(table))),
    section("queries", "Queries", "Query by query", querySection(dataset.results, dataset.baseline)),
    dataset.tree ? section("tree", "Tree", "The tree", treeSection(dataset.tree)) : null,
    section("published", "Published", data.published.title, tableSection(data.published, false)),
    section(
      "origin",
      "Commands",
      "Commands and provenance",
      originSection(dataset.origin),
      html("ul", { class: "notes" }, [...data.notes, ...dataset.notes].map((note) => html("li", {}, `Note: ${note}`))),
    ),
  ].filter(Boolean);
  document.getElementById("report").replaceChildren(...sections);
  const links = sections.map((part) => html("a", { href: `#${part.id}` }, part.dataset.link));
  document.querySelector("nav").replaceChildren(...links);
}

if (data.datasets.length > 1) {
  const names = data.datasets.map((dataset) => dataset.name);
  const choose = (name) => show(data.datasets[names.indexOf(name)]);
  document.getElementById("dataset-choice").append(select("Dataset", names, names[0], choose));
}
show(data.datasets[0]);
