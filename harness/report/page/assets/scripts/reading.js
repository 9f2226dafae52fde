// Which method is best at a cost: the best measured point of each that costs no more.

const USUAL = { visited: 2, macs: 2, latency: 0.05, throughput: 10000 };

function readingSection(dataset) {
  const first = chartState(dataset);
  const against = buttons("Cost", first.costs.map((cost) => [cost, COSTS[cost].label]), first.cost, (cost) => address.set({ cost, limit: null }));
  const parts = Object.keys(PARTS).filter((part) => measuresOf(dataset).some((name) => name.startsWith(`${part} `)));
  const byPart = parts.length ? buttons("Queries", [[ALL, ALL], ...parts.map((part) => [part, part])], viewOf(dataset).part ?? ALL, (part) => address.set({ measure: measureOfPart(dataset, part) })) : null;
  const budgets = html("div", { class: "budgets" });
  const input = html("input", { type: "number", min: 0, step: "any", on: { input: () => address.set({ limit: input.value || null }) } });
  const words = html("span");
  const answer = html("div");
  const meaning = html("p", { class: "caption" });
  let drawnFor = null;
  const update = () => {
    const { cost, measure } = chartState(dataset);
    const limit = Number(address.text("limit")) || USUAL[cost];
    press(against, cost);
    if (byPart) press(byPart, viewOf(dataset).part ?? ALL);
    if (drawnFor !== cost) budgets.replaceChildren(budgetButtons(dataset, cost, limit) ?? "");
    drawnFor = cost;
    press(budgets, String(limit));
    words.textContent = `${COSTS[cost].lowerIsBetter ? "At most" : "At least"}: ${COSTS[cost].title}`;
    if (document.activeElement !== input) input.value = limit;
    answer.replaceChildren(...bestWithin(dataset, cost, measure, limit));
    meaning.textContent = parts.length ? parts.map((part) => `${part[0].toUpperCase()}${part.slice(1)}: queries ${PARTS[part]}.`).join(" ") : "";
  };
  update();
  address.listen(update, [...FILTERS, "cost", "limit"]);
  return [
    html("div", { class: "controls" }, against, byPart),
    html("div", { class: "controls" }, budgets, html("label", { class: "control" }, words, input)),
    answer,
    html("p", { class: "caption" }, "The best measured point of each method within that cost, by its budget if that limits this cost, of the methods that the filters show; nothing is interpolated. Neighbours in this list are not tested against each other: the tables of differences say which of them differ by more than chance."),
    meaning,
  ];
}

// The measure of the filters or of the chart, on a part of the queries or on all.
function measureOfPart(dataset, part) {
  const own = viewOf(dataset).ofAllQueries ?? dataset.measure;
  if (part !== ALL) return `${part} ${own}`;
  return own === dataset.measure ? null : own;
}

// The budgets that limit this cost; null without any.
function budgetButtons(dataset, cost, limit) {
  const points = dataset.curves.flatMap((curve) => curve.points.filter((point) => cost in point.limits));
  const labels = new Map(points.map((point) => [String(point.limits[cost]), point.budget]));
  const options = [...labels].sort(([a], [b]) => a - b);
  return options.length ? buttons("Budget", options, String(limit), (value) => address.set({ limit: value })) : null;
}

function bestWithin(dataset, cost, measure, limit) {
  const view = viewOf(dataset);
  const { lowerIsBetter, unit } = COSTS[cost];
  // The limit of a budget decides, not what its searches happened to take: times differ a little.
  const spends = (point) => point.limits[cost] ?? point.costs[cost];
  const within = (point) => point.costs[cost] !== null && point.values[measure] && (lowerIsBetter ? spends(point) <= limit : spends(point) >= limit);
  const best = dataset.curves
    .filter((curve) => view.shows(curve.label))
    .flatMap((curve) => {
      const points = curve.points.filter(within).sort((a, b) => b.values[measure][0] - a.values[measure][0]);
      return points.length ? [{ curve, point: points[0] }] : [];
    })
    .sort((a, b) => b.point.values[measure][0] - a.point.values[measure][0]);
  if (!best.length) return [html("p", { class: "soft" }, "No method was measured within that cost.")];
  const rows = best.map(({ curve, point }) => [
    recordButton(curve.label, point.budget),
    short(point.values[measure][0]),
    amount(point.costs[cost]) + unit,
    point.unlimited ? "none" : point.budget,
  ]);
  return [leadOf(dataset, cost, measure, limit), scrolled("Best within a cost", plainTable(["method", measure, "cost", "budget"], rows))];
}

// Whether the first is shown to be better than the others, if the limit is that of a budget.
function leadOf(dataset, cost, measure, limit) {
  const measured = dataset.curves.filter((curve) => curve.points.some((point) => point.limits[cost] === limit));
  if (measured.length < 2) return "";
  const { budget } = measured[0].points.find((point) => point.limits[cost] === limit);
  const tested = measure === dataset.measure ? dataset.leads[budget] : null;
  return html("p", { class: "lead" }, unbroken(tested ?? `Which method is first at ${budget} was not tested${measure === dataset.measure ? ", because some have other seeds or queries" : ` in ${measure}`}.`));
}
