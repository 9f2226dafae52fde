// The paper's tables. Click a header to sort within each section; rules separate the sections.

function tableSection(table, titled = true) {
  const state = { column: null, descending: true };
  const bodies = table.sections.map(() => html("tbody"));
  const positions = (aside) => table.columns.flatMap((column, i) => (column.aside === aside ? [i] : []));
  const [within, aside] = [positions(false), positions(true)];
  const heads = within.map((i) =>
    html(
      "th",
      { class: alignment(table.columns[i]), scope: "col", "data-column": i },
      html("button", { type: "button", on: { click: () => sort(i) } }, table.columns[i].head),
    ),
  );
  const marked = table.columns.map((_, i) => table.sections.flat().some((row) => row[i].mark));
  const rowOf = (row) => [
    html("tr", {}, within.map((i) => html("td", { class: alignment(table.columns[i]) }, cellContent(row[i], marked[i])))),
    aside.length
      ? html("tr", { class: "aside" }, html("td", { colspan: within.length }, aside.map((i) => html("div", {}, cellContent(row[i])))))
      : [],
  ];
  const render = () => {
    table.sections.forEach((section, i) => {
      const rows = [...section];
      if (state.column !== null) rows.sort((a, b) => order(a[state.column].sort, b[state.column].sort));
      bodies[i].replaceChildren(...rows.flatMap(rowOf).flat());
    });
  };
  const order = (a, b) => {
    const [numberA, numberB] = [typeof a === "number", typeof b === "number"];
    if (numberA !== numberB) return numberA ? -1 : 1; // cells without a number stay at the bottom
    const ascending = numberA ? a - b : a.localeCompare(b);
    return state.descending ? -ascending : ascending;
  };
  const sort = (column) => {
    state.descending = state.column === column ? !state.descending : table.columns[column].numeric;
    state.column = column;
    heads.forEach((head) => head.removeAttribute("aria-sort"));
    heads[within.indexOf(column)].setAttribute("aria-sort", state.descending ? "descending" : "ascending");
    render();
  };
  render();
  const groups = groupRow(table.columns);
  return html(
    "div",
    { class: "table" },
    titled ? html("h3", {}, table.title) : null,
    html("div", { class: "scroll" }, html("table", {}, html("thead", {}, groups, html("tr", {}, heads)), bodies)),
    html("p", { class: "caption" }, table.caption),
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
  return html("tr", {}, groups.map(({ group, span }) => html("th", { class: "group", colspan: span, scope: "colgroup" }, group)));
}

function cellContent(cell, marked) {
  const value = cell.code ? html("code", {}, cell.text) : cell.bold ? html("b", {}, cell.text) : cell.text;
  return [value, cell.spread ? html("small", {}, ` ± ${cell.spread}`) : null, marked ? html("sup", {}, cell.mark) : null];
}
