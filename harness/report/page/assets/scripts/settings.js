// The settings of a method at every budget, and who chose each: the tuning queries, the command, or
// the preset.

const PRESET = "the preset";

function settingsSection(dataset) {
  const labels = Object.keys(dataset.records.entries).filter((label) => Object.keys(settingsOf(dataset, dataset.records.entries[label][0])).length);
  if (!labels.length) return [html("p", { class: "soft" }, "No method has settings.")];
  const chosen = () => address.one("set", labels, labels.includes("ehi") ? "ehi" : labels[0]);
  const choice = select("Method", labels, chosen(), (value) => address.set({ set: value }));
  const words = html("p", { class: "soft" });
  const table = html("div");
  const update = () => {
    const label = chosen();
    choice.querySelector("select").value = label;
    words.textContent = unbroken(choosersInWords(dataset, label));
    table.replaceChildren(...chooserTables(dataset, label));
  };
  update();
  address.listen(update, ["set"]);
  return [html("div", { class: "controls" }, choice), words, table];
}

const settingsOf = (dataset, entry) => dataset.records.settings[entry.settings];

function choosersInWords(dataset, label) {
  const entries = dataset.records.entries[label];
  const tried = distinct(entries.map(({ tried }) => tried).filter(Boolean));
  const presets = distinct(dataset.origin.runs.map(({ facts }) => facts.preset));
  const rest = presets.length ? `All others are those of the preset ${presets.join(" and ")}, unless the command sets them.` : "";
  const menus = tried.length ? `At each budget, ${tried.join(" or ")} combinations were tried, and the best on the tuning queries was taken; no test query was used. ` : "No setting was chosen from a menu. ";
  return menus + rest;
}

// What was chosen, and below it, folded, what the preset says.
function chooserTables(dataset, label) {
  const entries = dataset.records.entries[label];
  const names = distinct(entries.flatMap((entry) => Object.keys(settingsOf(dataset, entry))));
  const rows = names.map((name) => ({
    name,
    by: chooser(dataset, entries, name),
    values: entries.map((entry) => settingsOf(dataset, entry)[name] ?? ""),
  }));
  const chosen = rows.filter(({ by }) => by !== PRESET);
  const others = rows.filter(({ by }) => by === PRESET);
  return [
    chosen.length ? chooserTable(`Settings of ${label} that were chosen`, entries, chosen) : "",
    others.length
      ? html("details", { class: "preset" }, html("summary", {}, html("span", { class: "name" }, counted(others.length, "setting of the preset", "settings of the preset"))), chooserTable(`Settings of ${label} from the preset`, entries, others))
      : "",
  ];
}

function chooserTable(title, entries, rows) {
  const heads = ["setting", "chosen by", ...entries.map((entry) => (entry.unlimited ? "no budget" : unbroken(entry.budget)))];
  const cells = (values) => (new Set(values).size === 1 ? html("td", { colspan: values.length }, values[0]) : values.map((value) => html("td", {}, value)));
  const body = rows.map(({ name, by, values }) => html("tr", {}, html("th", { scope: "row" }, html("code", {}, name)), html("td", { class: "words" }, by), cells(values)));
  return scrolled(title, html("table", {}, html("thead", {}, html("tr", {}, heads.map((text) => html("th", { scope: "col" }, text)))), html("tbody", {}, body)));
}

function chooser(dataset, entries, name) {
  const menu = distinct(entries.flatMap((entry) => entry.menu[name]?.split(", ") ?? []));
  if (menu.length > 1) return `tuning queries, from ${menu.join(", ")}`;
  return menu.length || setByCommand(dataset, entries, name) ? "the command" : PRESET;
}

// Whether a command that measured one of the entries names the setting.
function setByCommand(dataset, entries, name) {
  const cells = new Set(entries.flatMap((entry) => entry.cells));
  return dataset.origin.runs.some((run) => Object.values(run.cells).flat().some((cell) => cells.has(cell)) && run.command.split(/\s+/).some((word) => word.startsWith(`${name}=`)));
}
