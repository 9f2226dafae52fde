// The filters by dataset, budget, measure and method, and what they let through.

const KINDS = {
  visited: "documents visited",
  macs: "multiply-adds",
  latency: "time per query",
  overlap: "overlap to reach",
  ndcg: "quality to reach",
};
const ALL = "all";
const PARTS = {
  seen: "with training queries for their documents",
  unseen: "without training queries for their documents",
};

const labelsOf = (dataset) => dataset.curves.map((curve) => curve.label);
const measuresOf = (dataset) => [...new Set(dataset.curves.flatMap((curve) => curve.points.flatMap((point) => Object.keys(point.values))))];
const datasetNow = () => {
  const names = data.datasets.map((dataset) => dataset.name);
  return data.datasets[names.indexOf(address.one("dataset", names, names[0]))];
};

// What the filters let through: a null lets everything through. A measure may be that of a part of
// the queries, such as "unseen nDCG@10".
function viewOf(dataset) {
  const listed = address.all("method");
  const measure = address.one("measure", measuresOf(dataset), null);
  const [part] = Object.keys(PARTS).filter((name) => measure?.startsWith(`${name} `));
  return {
    shows: (label) => listed === null || listed.includes(label),
    kind: address.one("budget", dataset.kinds, null),
    measure,
    part: part ?? null,
    ofAllQueries: measure && (part ? measure.slice(part.length + 1) : measure),
  };
}

// Whether the filters let a method through; what they do not offer, they do not hide.
function letsThrough(dataset, label) {
  return !labelsOf(dataset).includes(label) || viewOf(dataset).shows(label);
}

function filterForm() {
  const names = data.datasets.map((dataset) => dataset.name);
  const choose = (name) => {
    address.set({ dataset: name, method: null, budget: null, measure: null, record: null, at: null });
    show();
  };
  const choice = names.length > 1 ? select("Dataset", names, datasetNow().name, choose) : null;
  const ofDataset = html("div", { class: "of-dataset" });
  const form = html("form", { class: "filters", "aria-label": "Filters", on: { submit: (event) => event.preventDefault() } }, choice, ofDataset);
  return {
    form,
    fill: (dataset) => {
      if (choice) choice.querySelector("select").value = dataset.name;
      ofDataset.replaceChildren(...datasetFilters(dataset));
    },
  };
}

function datasetFilters(dataset) {
  const view = viewOf(dataset);
  const named = (name) => (PARTS[name.split(" ")[0]] ? `${name} (queries ${PARTS[name.split(" ")[0]]})` : name);
  const kinds = [[ALL, "all kinds"], ...dataset.kinds.map((kind) => [kind, KINDS[kind]])];
  const measures = [[ALL, `all; chart: ${dataset.measure}`], ...measuresOf(dataset).map((name) => [name, named(name)])];
  const chosen = (value) => (value === ALL ? null : value);
  const byKind = select("Budget", kinds, view.kind ?? ALL, (value) => address.set({ budget: chosen(value), cost: null, limit: null }));
  const byMeasure = select("Measure", measures, view.measure ?? ALL, (value) => address.set({ measure: chosen(value) }));
  const boxes = dataset.curves.map((curve) => {
    const box = html("input", { type: "checkbox", value: curve.label, checked: view.shows(curve.label), on: { change: () => keep() } });
    return { box, row: html("label", {}, box, icon(curve), html("span", {}, curve.label)) };
  });
  const keep = () => {
    const kept = boxes.filter(({ box }) => box.checked).map(({ box }) => box.value);
    address.set({ method: kept.length === boxes.length ? null : kept.length ? kept : "" });
  };
  const every = (checked) => () => {
    for (const { box } of boxes) box.checked = checked;
    keep();
  };
  address.listen(() => {
    const now = viewOf(dataset);
    byKind.querySelector("select").value = now.kind ?? ALL;
    byMeasure.querySelector("select").value = now.measure ?? ALL;
    for (const { box } of boxes) box.checked = now.shows(box.value);
  }, FILTERS);
  return [
    byKind,
    byMeasure,
    html(
      "fieldset",
      {},
      html("legend", {}, "Methods"),
      html("div", { class: "both" }, html("button", { type: "button", on: { click: every(true) } }, "All"), html("button", { type: "button", on: { click: every(false) } }, "None")),
      boxes.map(({ row }) => row),
    ),
    html("p", { class: "soft" }, "The address keeps these choices: a copy of it shows the same view."),
  ];
}
