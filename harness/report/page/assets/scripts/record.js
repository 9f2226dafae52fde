// The panel of a record: its measurements, settings, command, versions and hardware.

function recordPanel() {
  const dialog = html("dialog", { id: "record", "aria-labelledby": "record-title", on: { close: () => close() } });
  const close = () => {
    if (address.text("record")) address.set({ record: null, at: null });
  };
  const update = () => {
    const dataset = datasetNow();
    const label = address.one("record", Object.keys(dataset.records.entries), null);
    if (label === null) {
      if (dialog.open) dialog.close();
      return;
    }
    fillPanel(dialog, dataset, label);
    if (!dialog.open) dialog.showModal();
  };
  return { dialog, update };
}

// A method's name that opens its record, at one of its budgets or else the first.
function recordButton(label, budget = null, text = label) {
  const open = () => address.set({ record: label, at: budget });
  return html("button", { type: "button", class: "open", "aria-haspopup": "dialog", title: "Settings, command, versions, hardware and every query's value", on: { click: open } }, text);
}

function fillPanel(dialog, dataset, label) {
  const entries = dataset.records.entries[label];
  const budgets = entries.map((entry) => entry.budget);
  const budget = address.one("at", budgets, budgets[0]);
  const entry = entries[budgets.indexOf(budget)];
  const hadFocus = dialog.contains(document.activeElement) && document.activeElement.tagName === "SELECT";
  const choice = budgets.length > 1 ? select("Budget", budgets, budget, (value) => address.set({ at: value })) : null;
  const run = dataset.origin.runs.find(({ cells }) => (cells[label] ?? []).includes(entry.cells[0]));
  const view = viewOf(dataset);
  const measure = view.ofAllQueries in entry.histograms ? view.ofAllQueries : dataset.measure;
  dialog.replaceChildren(
    html("div", { class: "panel-head" }, html("h2", { id: "record-title" }, label), html("button", { type: "button", class: "more", on: { click: () => dialog.close() } }, "Close")),
    html("p", { class: "soft" }, `On ${dataset.name}${entry.unlimited ? ", without a budget" : ` at ${entry.budget}`}, ${counted(entry.seeds.length, "seed", "seeds")}.`),
    html("div", { class: "controls" }, choice),
    html("h3", {}, `Queries by ${measure}`),
    histogram(entry.histograms[measure], measure),
    html("h3", {}, "Measured"),
    factTable(dataset.records.names, entry),
    html("h3", {}, "Settings"),
    settingTable(dataset.records.settings[entry.settings], entry.menu),
    html("h3", {}, "Command, versions and hardware"),
    run ? html("div", {}, runDetails(run)) : html("p", { class: "soft" }, "Not recorded."),
  );
  if (hadFocus) choice?.querySelector("select").focus();
}

// Bars of how many queries have a value in each tenth from 0 to 1.
function histogram(counts, measure) {
  const [width, height, foot] = [380, 150, 22];
  const highest = Math.max(...counts);
  const step = width / counts.length;
  const edge = (i) => (i / counts.length).toFixed(1).replace(/^0\./, ".");
  const bars = counts.map((count, i) => {
    const bar = ((height - foot - 18) * count) / highest;
    return [
      svg("rect", { class: "bar", x: i * step + 2, y: height - foot - bar, width: step - 4, height: bar }),
      svg("text", { x: (i + 0.5) * step, y: height - foot - bar - 4, "text-anchor": "middle" }, count.toLocaleString("en")),
      svg("text", { x: i * step, y: height - 6, "text-anchor": i ? "middle" : "start" }, i ? edge(i) : "0"),
    ];
  });
  const spoken = counts.map((count, i) => `${edge(i)} to ${edge(i + 1)}: ${count}`).join("; ");
  return html(
    "div",
    { class: "histogram" },
    svg("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": `Queries by ${measure}. ${spoken}` }, bars, svg("text", { x: width, y: height - 6, "text-anchor": "end" }, "1")),
    html("p", { class: "caption" }, `How many queries have their ${measure} in each tenth from 0 to 1; means over seeds.`),
  );
}

function factTable(names, entry) {
  const rows = names.flatMap((name, i) => {
    const values = entry.facts.map((facts) => facts[i]);
    return values.some(Boolean) ? [html("tr", {}, html("th", { scope: "row" }, name), values.map((value) => html("td", { class: "number" }, value || "-")))] : [];
  });
  const heads = entry.seeds.map((seed) => html("th", { scope: "col", class: "number" }, `seed ${seed}`));
  const cells = html("tr", {}, html("th", { scope: "row" }, "record"), entry.cells.map((cell) => html("td", { class: "cell" }, html("code", {}, cell))));
  return scrolled("Measured", html("table", {}, html("thead", {}, html("tr", {}, html("td"), heads)), html("tbody", {}, rows, cells)));
}

function settingTable(settings, menu) {
  const names = Object.keys(settings);
  if (!names.length) return html("p", { class: "soft" }, "None.");
  const chosen = names.some((name) => name in menu);
  const head = ["setting", "value", ...(chosen ? ["chosen from, on tuning queries"] : [])];
  return scrolled(
    "Settings",
    html(
      "table",
      {},
      html("thead", {}, html("tr", {}, head.map((text) => html("th", { scope: "col" }, text)))),
      html("tbody", {}, names.map((name) => html("tr", {}, html("th", { scope: "row" }, html("code", {}, name)), html("td", {}, settings[name]), chosen ? html("td", {}, menu[name] ?? "") : null))),
    ),
  );
}
