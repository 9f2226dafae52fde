// Which method is best at a cost: the best measured point of each that costs no more.

const USUAL = { visited: 2, macs: 2, latency: 0.05, throughput: 10000 };

function readingSection(dataset) {
  const input = html("input", { type: "number", min: 0, step: "any", on: { input: () => address.set({ limit: input.value || null }) } });
  const words = html("span");
  const answer = html("div");
  const update = () => {
    const { cost, measure } = chartState(dataset);
    words.textContent = `${COSTS[cost].lowerIsBetter ? "At most" : "At least"}: ${COSTS[cost].title}`;
    const limit = Number(address.text("limit")) || USUAL[cost];
    if (document.activeElement !== input) input.value = limit;
    answer.replaceChildren(bestWithin(dataset, cost, measure, limit));
  };
  update();
  address.listen(update, [...FILTERS, "cost", "limit"]);
  return [
    html("div", { class: "controls" }, html("label", { class: "control" }, words, input)),
    answer,
    html("p", { class: "caption" }, "The best measured point of each method within that cost, by its budget if that limits this cost, of the methods that the filters show; nothing is interpolated. Neighbours in this list are not tested against each other: the tables of differences say which of them differ by more than chance."),
  ];
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
  if (!best.length) return html("p", { class: "soft" }, "No method was measured within that cost.");
  const rows = best.map(({ curve, point }) => [
    recordButton(curve.label, point.budget),
    short(point.values[measure][0]),
    amount(point.costs[cost]) + unit,
    point.unlimited ? "none" : point.budget,
  ]);
  return scrolled("Best within a cost", plainTable(["method", measure, "cost", "budget"], rows));
}
