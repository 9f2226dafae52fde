// How costs grow with the corpus: charts whose axes are both logarithmic, and tables.

const GROWTH = { width: 440, height: 290, left: 70, right: 128, top: 44, bottom: 44, spacing: 15 };

function growthSection(growth) {
  const charts = html("div", { class: "growths" });
  const draw = () => {
    const dataset = datasetNow();
    const shown = growth.charts.map((chart) => ({ ...chart, lines: chart.lines.filter(({ label }) => letsThrough(dataset, label)) })).filter(({ lines }) => lines.length);
    charts.replaceChildren(...shown.map((chart) => html("div", { class: "chart" }, growthChart(chart, growth.documents))), shown.length ? "" : html("p", { class: "soft" }, "The filters hide every method."));
  };
  draw();
  address.listenAlways(draw, ["dataset", "method"]);
  return [
    html("h3", {}, growth.title),
    sentences(growth.sentences),
    charts,
    html("p", { class: "caption" }, "Each line ends with its method and with x in cost ~ documents^x. A faint marker is a bound: the cheapest point of the method finds more. The dashed line is exact search."),
    growth.tables.map((table) => tableSection(table)),
  ];
}

function growthChart({ title, cost, lines }, documents) {
  const { width, height, left, right, top, bottom } = GROWTH;
  const x = logarithmic(documents, left, width - right);
  const y = logarithmic(lines.flatMap(({ points }) => points.map(([, spent]) => spent)), height - bottom, top);
  const root = svg("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": `${cost}, ${title}: ${lines.map(described).join("; ")}` });
  const powers = y.ticks.filter((tick) => Number.isInteger(Math.log10(tick)));
  const ticks = powers.length > 2 ? powers : y.ticks;
  for (const tick of ticks) {
    const tickY = y.position(tick);
    root.append(svg("line", { class: "grid", x1: left, x2: width - right, y1: tickY, y2: tickY }), svg("text", { x: left - 6, y: tickY + 4, "text-anchor": "end" }, amount(tick)));
  }
  for (const count of documents) {
    const tickX = x.position(count);
    root.append(svg("line", { class: "base", x1: tickX, x2: tickX, y1: height - bottom, y2: height - bottom + 4 }), svg("text", { x: tickX, y: height - bottom + 18, "text-anchor": "middle" }, count.toLocaleString("en")));
  }
  root.append(
    svg("line", { class: "base", x1: left, x2: width - right, y1: height - bottom, y2: height - bottom }),
    svg("text", { class: "axis-title", x: 0, y: 12 }, title),
    svg("text", { class: "axis-title", x: 0, y: 28 }, cost),
    svg("text", { class: "axis-title", x: width - right, y: height - 6, "text-anchor": "end" }, "documents in the corpus"),
  );
  const placed = lines.map((each) => ({ each, spots: each.points.map(([count, spent, bound]) => [x.position(count), y.position(spent), bound]) }));
  const heights = spreadApart(placed.map(({ spots }) => spots.at(-1)[1]), GROWTH.spacing);
  placed.forEach(({ each, spots }, i) => drawGrowthLine(root, each, spots, heights[i]));
  return root;
}

const described = ({ label, exponent, points: [[first, least], ...rest] }) => {
  const [last, most] = rest.at(-1) ?? [first, least];
  return `${label} from ${amount(least)} at ${first.toLocaleString("en")} documents to ${amount(most)} at ${last.toLocaleString("en")}${exponent && `, x = ${exponent}`}`;
};

function drawGrowthLine(root, each, spots, height) {
  const { width, right } = GROWTH;
  const [endX, endY] = spots.at(-1);
  const path = spots.map(([cx, cy], i) => `${i ? "L" : "M"}${cx.toFixed(1)},${cy.toFixed(1)}`).join("");
  root.append(
    svg("path", { d: path, fill: "none", stroke: each.colour, "stroke-width": each.reference ? 1.2 : 2, "stroke-dasharray": each.reference ? "6 4" : null }),
    svg("line", { x1: endX, y1: endY, x2: width - right + 8, y2: height, stroke: each.colour, "stroke-width": 0.7, "stroke-dasharray": "1 2" }),
    svg("text", { x: width - right + 12, y: height + 4 }, `${each.label} ${each.exponent}`),
  );
  if (each.reference) return;
  for (const [cx, cy, bound] of spots) root.append(marker(each, { transform: `translate(${cx.toFixed(1)},${cy.toFixed(1)})`, opacity: bound ? 0.4 : 1 }));
}

// Heights in the same order, at least `gap` apart, moved down from the lowest place that is free.
function spreadApart(heights, gap) {
  const order = heights.map((_, i) => i).sort((a, b) => heights[a] - heights[b]);
  const spread = [];
  order.forEach((i, rank) => (spread[i] = rank ? Math.max(heights[i], spread[order[rank - 1]] + gap) : heights[i]));
  const over = Math.max(0, Math.max(...spread) - (GROWTH.height - GROWTH.bottom));
  return over ? liftedBy(spread, order, gap, over) : spread;
}

// The lowest is lifted by `over`, and those above it only as far as it pushes them.
function liftedBy(spread, order, gap, over) {
  const lifted = [...spread];
  lifted[order.at(-1)] -= over;
  for (let rank = order.length - 2; rank >= 0; rank--) lifted[order[rank]] = Math.min(spread[order[rank]], lifted[order[rank + 1]] - gap);
  return lifted;
}
