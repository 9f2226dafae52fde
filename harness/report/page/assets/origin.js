// The commands that made the numbers, and what each ran on.

function originSection(origin) {
  const factList = (facts) =>
    html("dl", { class: "facts" }, Object.entries(facts).flatMap(([name, value]) => [html("dt", {}, name.replaceAll("_", " ")), html("dd", {}, value)]));
  return [
    ...origin.runs.map((run) =>
      html(
        "div",
        { class: "run" },
        html("pre", {}, run.command),
        factList({
          time: run.time,
          measured: Object.entries(run.cells).map(([label, cells]) => `${label} (${cells.length})`).join(", "),
          ...run.facts,
        }),
      ),
    ),
    html("ul", { class: "notes" }, [...origin.trained, ...origin.failed].map((line) => html("li", {}, line))),
    html("details", {}, html("summary", {}, html("span", { class: "name" }, "Settings of every method")), html("pre", {}, JSON.stringify(origin.settings, null, 1))),
  ];
}
