// The paper's tables; a press on a head sorts, within the sections that rules part.

function tableSection(table, titled = true) {
  const state = { column: null, descending: true };
  const bodies = table.sections.map(() => html("tbody"));
  const [within, aside] = [false, true].map((is) => table.columns.flatMap((column, place) => (column.aside === is ? [place] : [])));
  const heads = within.map((place) =>
    html(
      "th",
      { class: kind(table.columns[place]), scope: "col", "data-column": place },
      html("button", { type: "button", on: { click: () => sort(place) } }, table.columns[place].head),
    ),
  );
  const marked = table.columns.map((_, place) => table.sections.flat().some((row) => row[place].mark));
  const rowOf = (row) => [
    html("tr", {}, within.map((place) => html("td", { class: kind(table.columns[place]) }, shown(row[place], marked[place])))),
    aside.length
      ? html("tr", { class: "aside" }, html("td", { colspan: within.length }, aside.map((place) => html("div", {}, shown(row[place])))))
      : [],
  ];
  const render = () => {
    table.sections.forEach((section, place) => {
      const rows = [...section];
      if (state.column !== null) rows.sort((a, b) => order(a[state.column].sort, b[state.column].sort));
      bodies[place].replaceChildren(...rows.flatMap(rowOf).flat());
    });
  };
  const order = (a, b) => {
    const [numberA, numberB] = [typeof a === "number", typeof b === "number"];
    if (numberA !== numberB) return numberA ? -1 : 1; // what was not measured stays below
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

const kind = (column) => (column.numeric ? "number" : "words");

function groupRow(columns) {
  if (!columns.some((column) => column.group)) return null;
  const groups = [];
  for (const { group } of columns) {
    if (groups.length && groups[groups.length - 1].group === group) groups[groups.length - 1].span++;
    else groups.push({ group, span: 1 });
  }
  return html("tr", {}, groups.map(({ group, span }) => html("th", { class: "group", colspan: span, scope: "colgroup" }, group)));
}

function shown(cell, marked) {
  const value = cell.code ? html("code", {}, cell.shown) : cell.bold ? html("b", {}, cell.shown) : cell.shown;
  return [value, cell.spread ? html("small", {}, ` ± ${cell.spread}`) : null, marked ? html("sup", {}, cell.mark) : null];
}
