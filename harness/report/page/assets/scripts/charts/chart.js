// Quality against cost: curves with bands, the Pareto frontier, and exact search as a line.

const COSTS = {
  visited: { label: "Visited", title: "documents visited (% of the corpus)", unit: " %", lowerIsBetter: true },
  macs: { label: "MACs", title: "multiply-adds with routing (% of a full scan)", unit: " %", lowerIsBetter: true },
  latency: { label: "Latency", title: "median latency of a query (ms, one thread)", unit: " ms", lowerIsBetter: true, drawsExact: true },
  throughput: { label: "Throughput", title: "queries per second, all threads", unit: " /s", lowerIsBetter: false, drawsExact: true },
};
const CEILING = "exact";
// Matplotlib's markers by their names, each about 11 pixels wide.
const SHAPES = {
  o: "M5,0A5,5 0 1 1 -5,0A5,5 0 1 1 5,0Z",
  s: "M-4.4,-4.4H4.4V4.4H-4.4Z",
  "^": "M0,-5.6L5.2,4.2H-5.2Z",
  v: "M0,5.6L5.2,-4.2H-5.2Z",
  "<": "M-5.6,0L4.2,-5.2V5.2Z",
  ">": "M5.6,0L-4.2,-5.2V5.2Z",
  D: "M0,-6L6,0L0,6L-6,0Z",
  d: "M0,-6L3.8,0L0,6L-3.8,0Z",
  P: "M-2,-5.4H2V-2H5.4V2H2V5.4H-2V2H-5.4V-2H-2Z",
  X: "M-5,-2.6L-2.6,-5L0,-2.4L2.6,-5L5,-2.6L2.4,0L5,2.6L2.6,5L0,2.4L-2.6,5L-5,2.6L-2.4,0Z",
  p: "M0,-5.8L5.5,-1.8L3.4,4.7H-3.4L-5.5,-1.8Z",
  h: "M0,-5.8L5,-2.9V2.9L0,5.8L-5,2.9V-2.9Z",
  H: "M-5.8,0L-2.9,-5H2.9L5.8,0L2.9,5H-2.9Z",
  8: "M-2.2,-5.3H2.2L5.3,-2.2V2.2L2.2,5.3H-2.2L-5.3,2.2V-2.2Z",
  "*": "M0,-6L1.5,-1.9H5.7L2.3,0.8L3.5,5L0,2.5L-3.5,5L-2.3,0.8L-5.7,-1.9H-1.5Z",
};

function marker(curve, attributes = {}) {
  return svg("path", { d: SHAPES[curve.marker], fill: curve.colour, ...attributes });
}

const icon = (curve) => svg("svg", { width: 14, height: 14, viewBox: "-7 -7 14 14", "aria-hidden": "true" }, marker(curve));

// What the chart shows: the measure of the filters, and the cost that they or its buttons choose.
function chartState(dataset) {
  const view = viewOf(dataset);
  const costs = Object.keys(COSTS).filter((cost) => dataset.curves.some((curve) => curve.points.some((point) => point.costs[cost] !== null)));
  const usual = costs.includes(view.kind) ? view.kind : costs[0];
  return { measure: view.measure ?? dataset.measure, cost: address.one("cost", costs, usual), costs, shows: view.shows };
}

function chartSection(dataset, tooltip) {
  const figure = html("div", { class: "chart" });
  const points = html("div");
  const left = html("p", { class: "caption below" });
  const legend = html("ul", { class: "legend", "aria-label": "Methods in the chart" });
  const first = chartState(dataset);
  const against = buttons("Against", first.costs.map((cost) => [cost, COSTS[cost].label]), first.cost, (cost) => address.set({ cost, limit: null }));
  const draw = () => {
    const state = chartState(dataset);
    const hasPoint = (curve) => curve.points.some((point) => point.costs[state.cost] !== null && point.values[state.measure]);
    const shown = dataset.curves.filter((curve) => state.shows(curve.label) && hasPoint(curve));
    tooltip.hide();
    press(against, state.cost);
    const { root, floor, below } = chart(dataset, state, figure.clientWidth || 800, tooltip);
    figure.replaceChildren(root);
    left.textContent = below.length ? `Not drawn, because below ${short(floor)}: points of ${below.join(", ")}. Show these methods alone to see them.` : "";
    left.hidden = !below.length;
    points.replaceChildren(pointTable(shown, state));
    legend.replaceChildren(...shown.map((curve) => html("li", { "data-label": curve.label }, icon(curve), curve.label)));
  };
  const seeds = Math.max(...dataset.curves.flatMap((curve) => curve.points.map((point) => point.seeds.length)));
  const spread = seeds > 1 ? `the standard deviation over ${seeds} seeds` : "the 95 % bootstrap interval over queries";
  draw();
  address.listen(draw, [...FILTERS, "cost"]);
  new ResizeObserver(() => figure.clientWidth !== Number(figure.firstChild?.viewBox.baseVal.width) && draw()).observe(figure);
  return [
    html("div", { class: "controls" }, against),
    legend,
    figure,
    left,
    html(
      "p",
      { class: "caption" },
      `Each curve joins the points of a method that no other point of it beats in both cost and quality; the others are faint. Rings are the Pareto frontier of all methods. Bands are ${spread}. Point at a marker, or move to it with the arrow keys, to see its values; click it to open its record.`,
    ),
    html("details", { class: "points" }, html("summary", {}, html("span", { class: "name" }, "The same points as a table")), points),
  ];
}

function pointTable(curves, { cost, measure }) {
  const rows = curves.flatMap((curve) =>
    curve.points
      .filter((point) => point.costs[cost] !== null && point.values[measure])
      .map((point) => [
        curve.label,
        point.unlimited ? "none" : point.budget,
        amount(point.costs[cost]) + COSTS[cost].unit,
        point.values[measure][0].toFixed(4),
        point.values[measure].slice(1).map((value) => value.toFixed(4)).join(" to "),
      ]),
  );
  return scrolled("Points of the chart", plainTable(["method", "budget", COSTS[cost].title, measure, "band"], rows));
}

function chart(dataset, state, width, tooltip) {
  const height = Math.max(300, Math.min(460, width * 0.5));
  const edge = { left: 46, right: 16, top: 30, bottom: 46 };
  const cost = COSTS[state.cost];
  const xOf = (point) => point.costs[state.cost];
  const yOf = (point) => point.values[state.measure];
  const drawn = dataset.curves
    .filter((curve) => state.shows(curve.label))
    .map((curve) => {
      const points = curve.points.filter((point) => xOf(point) > 0 && yOf(point)).sort((a, b) => xOf(a) - xOf(b));
      return { ...curve, points, best: frontier(points, xOf, yOf, cost.lowerIsBetter) };
    })
    .filter((curve) => curve.points.length);
  const floor = contestFloor(drawn.flatMap((curve) => curve.points.filter((point) => !point.unlimited).map((point) => yOf(point)[0])));
  const below = drawn.filter((curve) => curve.points.some((point) => yOf(point)[0] < floor)).map((curve) => curve.label);
  for (const curve of drawn) {
    for (const list of ["points", "best"]) curve[list] = curve[list].filter((point) => yOf(point)[0] >= floor);
  }
  const root = svg("svg", { viewBox: `0 0 ${width} ${height}`, height, role: "group", "aria-label": `${state.measure} against ${cost.title}` });
  // Exact search is a line. On axes where its cost is not 100 % by definition, it is also a point.
  const curves = drawn.filter((curve) => curve.points.length && (curve.method !== CEILING || cost.drawsExact));
  const ceiling = drawn.find((curve) => curve.method === CEILING && curve.points.length);
  const points = curves.flatMap((curve) => curve.points);
  if (!points.length) return { root, floor, below };
  const heights = points.flatMap(yOf).concat(ceiling ? [yOf(ceiling.points[0])[0]] : []);
  const x = logarithmic(points.map(xOf), edge.left, width - edge.right);
  const y = linear(heights, height - edge.bottom, edge.top);
  axes(root, x, y, width, height, edge, cost.title, state.measure);
  if (ceiling) ceilingLine(root, ceiling, y.position(yOf(ceiling.points[0])[0]), width, edge, cost.lowerIsBetter);
  const markers = [];
  for (const curve of curves) {
    const upper = curve.best.map((point) => [xOf(point), yOf(point)[2]]);
    const lower = curve.best.map((point) => [xOf(point), yOf(point)[1]]).reverse();
    const outline = [...upper, ...lower].map(([cx, cy]) => `${x.position(cx).toFixed(1)},${y.position(cy).toFixed(1)}`);
    if (curve.best.length > 1) root.append(svg("polygon", { points: outline.join(" "), fill: curve.colour, opacity: 0.13 }));
    else root.append(svg("polyline", { points: outline.join(" "), stroke: curve.colour, "stroke-width": 3, opacity: 0.35 }));
    root.append(svg("path", { class: "curve", d: line(curve.best, xOf, yOf, x, y), fill: "none", stroke: curve.colour, "stroke-width": 2 }));
  }
  for (const curve of curves) {
    for (const point of curve.points) {
      const position = [x.position(xOf(point)), y.position(yOf(point)[0])];
      const show = () => {
        for (const other of markers) other.mark.classList.remove("near");
        mark.classList.add("near");
        tooltip.show(root, position, curve, point, state);
      };
      const open = () => address.set({ record: curve.label, at: point.budget });
      const mark = marker(curve, {
        class: curve.best.includes(point) ? "point" : "point beaten",
        transform: `translate(${position[0].toFixed(1)},${position[1].toFixed(1)})`,
        tabindex: markers.length ? -1 : 0,
        role: "button",
        "data-label": curve.label,
        "data-budget": point.budget,
        "aria-label": `${curve.label} at ${point.budget}: ${state.measure} ${short(yOf(point)[0])}, ${amount(xOf(point))}${cost.unit}`,
        on: { focus: show, blur: () => tooltip.hide(), click: open },
      });
      markers.push({ position, mark, show, open, label: curve.label });
      root.append(mark);
    }
  }
  followKeys(root, markers);
  for (const point of frontier(points.filter((point) => !point.unlimited), xOf, yOf, cost.lowerIsBetter)) {
    root.append(svg("circle", { class: "front", cx: x.position(xOf(point)), cy: y.position(yOf(point)[0]), r: 9.5 }));
  }
  followPointer(root, markers, width, tooltip);
  return { root, floor, below };
}

// The axis starts where the contest does: points far below most others would flatten all curves.
function contestFloor(values) {
  const order = [...values].sort((a, b) => a - b);
  const quantile = (share) => order[Math.round(share * (order.length - 1))];
  const floor = quantile(0.25) - 1.5 * (quantile(0.75) - quantile(0.25));
  return order.length > 7 ? Math.floor(100 * floor) / 100 : -Infinity;
}

function axes(root, x, y, width, height, edge, xTitle, yTitle) {
  const floor = height - edge.bottom;
  for (const tick of y.ticks) {
    root.append(
      svg("line", { class: "grid", x1: edge.left, x2: width - edge.right, y1: y.position(tick), y2: y.position(tick) }),
      svg("text", { x: edge.left - 8, y: y.position(tick) + 4, "text-anchor": "end" }, y.format(tick)),
    );
  }
  let last = -Infinity;
  for (const tick of x.ticks) {
    const tickX = x.position(tick);
    root.append(svg("line", { class: "base", x1: tickX, x2: tickX, y1: floor, y2: floor + 4 }));
    if (tickX - last < 34) continue; // labels would overlap
    last = tickX;
    root.append(svg("text", { x: tickX, y: floor + 18, "text-anchor": "middle" }, x.format(tick)));
  }
  root.append(
    svg("line", { class: "base", x1: edge.left, x2: width - edge.right, y1: floor, y2: floor }),
    svg("text", { class: "axis-title", x: width - edge.right, y: height - 6, "text-anchor": "end" }, xTitle),
    svg("text", { class: "axis-title", x: 0, y: 12 }, yTitle),
  );
}

// The label is at the cheap end, where the curves are lower and do not cross it.
function ceilingLine(root, curve, height, width, edge, cheapIsLeft) {
  const end = cheapIsLeft ? { x: edge.left + 4 } : { x: width - edge.right, "text-anchor": "end" };
  root.append(
    svg("line", { x1: edge.left, x2: width - edge.right, y1: height, y2: height, stroke: curve.colour, "stroke-width": 1.5, "stroke-dasharray": "6 4" }),
    svg("text", { class: "over", ...end, y: height - 6 }, "exact search"),
  );
}

function line(points, xOf, yOf, x, y) {
  return points.map((point, i) => `${i ? "L" : "M"}${x.position(xOf(point)).toFixed(1)},${y.position(yOf(point)[0]).toFixed(1)}`).join("");
}

function frontier(points, xOf, yOf, lowerIsBetter) {
  const order = [...points].sort((a, b) => (lowerIsBetter ? xOf(a) - xOf(b) : xOf(b) - xOf(a)) || yOf(b)[0] - yOf(a)[0]);
  let best = -Infinity;
  return order.filter((point) => yOf(point)[0] > best && ((best = yOf(point)[0]), true));
}
