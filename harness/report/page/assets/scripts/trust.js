// How far the numbers of a dataset can be trusted: queries, seeds, machine, tests, settings.

function trustSection(dataset) {
  const facts = {
    "queries": counted(dataset.queries, "test query", "test queries"),
    "seeds": seedsInWords(dataset),
    "machine": distinct(dataset.origin.runs.map(machineInWords)).join("; ") || "not recorded",
    "measured": distinct(dataset.origin.runs.map(({ time }) => time.slice(0, 10))).sort().join(", "),
    "settings": dataset.records.chosen ? "chosen from menus on tuning queries, never on the test queries" : "not chosen from menus",
    "test": dataset.tests,
    "found": dataset.closest && smallestInWords(dataset.closest),
    "failed": dataset.origin.failed.length ? `${counted(dataset.origin.failed.length, "cell", "cells")} without a result: the reasons are under Commands and machine` : "none",
    "published": calibrationInWords(),
  };
  const names = { found: "smallest difference found", failed: "not measured", published: "published numbers" };
  return [
    html("dl", { class: "facts" }, Object.entries(facts).flatMap(([name, value]) => (value ? [html("dt", {}, names[name] ?? name), html("dd", {}, unbroken(value))] : []))),
    dataset.closest ? tableSection(dataset.closest, dataset) : null,
  ];
}

const distinct = (list) => [...new Set(list.filter(Boolean))];

const machineInWords = ({ facts }) => [facts.device_name, facts.processor, facts.cores && `${facts.cores} cores`, facts.memory_gib && `${facts.memory_gib} GiB`].filter(Boolean).join(", ");

function seedsInWords({ seeds, records }) {
  const entries = Object.entries(records.entries).flatMap(([label, own]) => own.map((entry) => ({ label, ...entry })));
  const fewer = entries.filter((entry) => entry.seeds.length < seeds.length);
  const named = fewer.map(({ label, budget, unlimited, seeds: own }) => `${label}${unlimited ? "" : ` at ${budget}`} (${own.length})`);
  const all = `${counted(seeds.length, "seed", "seeds")}: ${seeds.join(", ")}`;
  return named.length ? `${all}; fewer for ${named.join(", ")}` : all;
}

// What the tests against the best baselines could have found, at the best and at the worst budget.
function smallestInWords(table) {
  const column = (head) => table.columns.findIndex((each) => each.head === head);
  const [budget, detectable] = [column("budget"), column("detectable")];
  const rows = table.sections.flat().sort((a, b) => a[detectable].sort - b[detectable].sort);
  const said = (row) => `${row[detectable].text} at ${row[budget].text}`;
  const range = rows.length > 1 ? `${said(rows[0])} to ${said(rows.at(-1))}` : said(rows[0]);
  return `${range}, in 80 % of all cases; less than that stays "cannot tell"`;
}

// How many of the published numbers that could be measured here came out as published.
function calibrationInWords() {
  const verdict = data.published.columns.findIndex(({ head }) => head === "verdict");
  const found = data.published.sections.flat().map((row) => row[verdict].text);
  const counts = ["reproduced", "close", "not reproduced"].map((each) => [each, found.filter((text) => text === each).length]);
  const measured = counts.reduce((sum, [, count]) => sum + count, 0);
  return measured ? `${measured} measured here: ${counts.map(([each, count]) => `${count} ${each}`).join(", ")}` : null;
}
