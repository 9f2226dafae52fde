// Tables: filtered by the view, sorted within each section by a click on a header. A method's name
// opens its record.

const PART_SUFFIX = new RegExp(`, (${Object.keys(PARTS).join("|")})$`);

const SHORT = 18; // letters of a cell that stay on one line

// A part of the page that scrolls sideways, by keyboard too.
const scrolled = (label, ...children) => html("div", { class: "scroll", role: "group", "aria-label": label, tabindex: 0 }, children);

// `dataset` is null for a table that is not about one.
function tableSection(table, dataset = null, titled = true) {
  const state = { column: null, descending: true };
  const bodies = table.sections.map(() => html("tbody"));
  const head = html("thead");
  const missing = html("p", { class: "soft", hidden: true });
  const scroll = scrolled(table.title, html("table", {}, head, bodies));
  const element = html("div", { class: "table" }, titled ? html("h4", {}, table.title) : null, scroll, missing, html("p", { class: "caption" }, table.caption));
  const marked = table.columns.map((_, i) => table.sections.flat().some((row) => row[i].mark));
  let shown = null;

  const rowOf = (row) => {
    const [within, aside] = [false, true].map((where) => shown.columns.filter((i) => table.columns[i].aside === where));
    const record = recordOf(row, table, dataset);
    const cell = (i) => html("td", { class: `${alignment(table.columns[i])}${row[i].text.length <= SHORT ? " short" : ""}`, "data-at": record?.at(i) }, i || !record ? cellContent(row[i], marked[i]) : recordButton(record.label, record.at(0), row[0].text));
    return [
      html("tr", record ? { class: "opens", on: { click: (event) => openFromCell(event, record.label) } } : {}, within.map(cell)),
      aside.length
        ? html("tr", { class: "aside" }, html("td", { colspan: within.length }, aside.map((i) => html("div", {}, cellContent(row[i])))))
        : [],
    ];
  };
  const order = (a, b) => {
    const [numberA, numberB] = [typeof a === "number", typeof b === "number"];
    if (numberA !== numberB) return numberA ? -1 : 1; // cells without a number stay at the bottom
    const ascending = numberA ? a - b : a.localeCompare(b);
    return state.descending ? -ascending : ascending;
  };
  const fillBodies = () =>
    table.sections.forEach((section, i) => {
      const rows = section.filter(shown.row);
      if (state.column !== null) rows.sort((a, b) => order(a[state.column].sort, b[state.column].sort));
      bodies[i].replaceChildren(...rows.flatMap(rowOf).flat());
      bodies[i].hidden = !rows.length;
    });
  const sort = (column, heads) => {
    state.descending = state.column === column ? !state.descending : table.columns[column].numeric;
    state.column = column;
    for (const [i, cell] of heads) markSorted(cell, i);
    fillBodies();
  };
  const markSorted = (cell, i) => {
    if (i === state.column) cell.setAttribute("aria-sort", state.descending ? "descending" : "ascending");
    else cell.removeAttribute("aria-sort");
  };
  const update = () => {
    shown = shownOf(table, dataset);
    element.hidden = !shown.table;
    missing.hidden = shown.columns.length > 1;
    scroll.hidden = !missing.hidden;
    missing.textContent = `This table has no ${shown.measure}; the chart and the records have it.`;
    const heads = shown.columns.filter((i) => !table.columns[i].aside).map((i) => {
      const cell = html("th", { class: alignment(table.columns[i]), scope: "col", "data-column": i });
      cell.append(html("button", { type: "button", on: { click: () => sort(i, heads) } }, table.columns[i].head));
      markSorted(cell, i);
      return [i, cell];
    });
    head.replaceChildren(...[groupRow(heads.map(([i]) => table.columns[i])), html("tr", {}, heads.map(([, cell]) => cell))].filter(Boolean));
    fillBodies();
  };
  update();
  if (dataset) address.listen(update, FILTERS);
  else address.listenAlways(update, ["dataset", "method"]);
  return element;
}

// Which rows and columns of a table the filters let through, and whether it is shown at all.
function shownOf(table, dataset) {
  const columns = table.columns.map((_, i) => i);
  if (!dataset) return { table: true, columns, row: ([{ text }]) => letsThrough(datasetNow(), text) };
  const view = viewOf(dataset);
  const fields = Object.values(dataset.field_names);
  const field = view.measure && dataset.field_names[view.ofAllQueries];
  const ofMeasure = (i) => !field || !fields.includes(table.columns[i].group) || table.columns[i].group === field;
  const hasParts = table.sections.flat().some((row) => PART_SUFFIX.test(row[0].text));
  return {
    table: (!view.kind || !table.kind || table.kind === view.kind) && (!view.measure || !table.measure || table.measure === view.ofAllQueries),
    columns: columns.filter(ofMeasure),
    measure: field,
    row: ([{ text }]) => letsThrough(dataset, text.replace(PART_SUFFIX, "")) && (!view.part || !hasParts || text.endsWith(`, ${view.part}`)),
  };
}

// A table of plain rows: the first cell of each is its header.
function plainTable(heads, rows) {
  return html(
    "table",
    {},
    html("thead", {}, html("tr", {}, heads.map((text, i) => html("th", { scope: "col", class: i ? "number" : "words" }, text)))),
    html("tbody", {}, rows.map(([first, ...others]) => html("tr", {}, html("th", { scope: "row" }, first), others.map((text) => html("td", { class: "number" }, text))))),
  );
}

const alignment = (column) => (column.numeric ? "number" : "words");

function groupRow(columns) {
  if (!columns.some((column) => column.group)) return null;
  const groups = [];
  for (const { group } of columns) {
    if (groups.length && groups[groups.length - 1].group === group) groups[groups.length - 1].span++;
    else groups.push({ group, span: 1 });
  }
  return html("tr", {}, groups.map(({ group, span }) => (group ? html("th", { class: "group", colspan: span, scope: "colgroup" }, group) : html("td", { class: "group", colspan: span }))));
}

// The record that a row is about, and its budget by column: that of the column, or else of the row.
function recordOf(row, table, dataset) {
  const label = row[0].text.replace(PART_SUFFIX, "");
  const entries = dataset?.records.entries[label];
  if (!entries) return null;
  const budgets = entries.map((entry) => entry.budget);
  const ofRow = row.map((cell) => cell.text).find((text) => budgets.includes(text)) ?? null;
  return { label, at: (i) => (budgets.includes(table.columns[i].head) ? table.columns[i].head : ofRow) };
}

// With a pointer, the whole row opens the record, at the budget of the cell.
function openFromCell(event, label) {
  const isButton = event.target.closest("button");
  if (!isButton && getSelection().isCollapsed) address.set({ record: label, at: event.target.closest("td").dataset.at ?? null });
}

function cellContent(cell, marked) {
  const text = unbroken(cell.text);
  const value = cell.code ? html("code", {}, cell.text) : cell.bold ? html("b", {}, text) : text;
  return [value, cell.spread ? html("small", {}, ` ± ${cell.spread}`) : null, marked ? html("sup", {}, cell.mark) : null];
}
