// The commands that made the numbers, and what each ran on.

function originSection(dataset) {
  const { runs, trained, failed } = dataset.origin;
  return [
    ...runs.map((run) => {
      const measured = Object.entries(run.cells).map(([label, cells]) => `${label} (${cells.length})`);
      return html("div", { class: "run" }, runDetails(run, { measured: measured.join(", ") }));
    }),
    html("ul", { class: "notes" }, [...trained, ...failed].map((line) => html("li", {}, line))),
    html("ul", { class: "notes" }, dataset.notes.map((note) => html("li", {}, `Note: ${note}`))),
  ];
}

function runDetails(run, more = {}) {
  const facts = Object.entries({ time: run.time, ...more, ...run.facts }).filter(([, value]) => value);
  return [
    html("pre", {}, run.command),
    html("dl", { class: "facts" }, facts.flatMap(([name, value]) => [html("dt", {}, name.replaceAll("_", " ")), html("dd", {}, value)])),
  ];
}
