// Two methods compared query by query: which one wins, by how much, and with which documents.

const PAGE = 25;
const MIN_DIFFERENCE = 0.5; // in thousandths, to which the values are rounded

function querySection(results, baseline) {
  const budgets = [...new Set(results.systems.filter((system) => !system.unlimited).map((system) => system.budget))];
  const labels = [...new Set(results.systems.map((system) => system.label))];
  if (labels.length < 2) return [html("p", { class: "soft" }, "Only one method was measured; there is nothing to compare it with.")];
  const first = labels.find((label) => label === "ehi") ?? labels[0];
  const second = [baseline, ...labels].find((label) => labels.includes(label) && label !== first);
  const state = { first, second, budget: budgets[0] ?? "-", kind: "wins", count: PAGE };
  const tally = html("div");
  const list = html("div", { class: "query-list" });
  const find = (label) =>
    results.systems.find((system) => system.label === label && (system.unlimited || system.budget === state.budget));
  const change = (name) => (value) => {
    state[name] = value;
    state.count = PAGE;
    render();
  };
  const render = () => {
    const [a, b] = [find(state.first), find(state.second)];
    if (!a || !b) {
      const missing = a ? state.second : state.first;
      tally.replaceChildren(html("p", { class: "soft" }, `${missing} was not measured at ${state.budget}.`));
      list.replaceChildren();
      return;
    }
    const differences = results.queries.map((_, i) => ({ i, by: a.values[i] - b.values[i] }));
    const wins = differences.filter(({ by }) => by > MIN_DIFFERENCE).sort((p, q) => q.by - p.by || p.i - q.i);
    const losses = differences.filter(({ by }) => by < -MIN_DIFFERENCE).sort((p, q) => p.by - q.by || p.i - q.i);
    tally.replaceChildren(...tallyOf(a, b, wins.length, losses.length, results));
    const chosen = state.kind === "wins" ? wins : losses;
    const more = html("button", { type: "button", class: "more", on: { click: () => ((state.count += PAGE), render()) } }, "Show more");
    list.replaceChildren(
      ...chosen.slice(0, state.count).map(({ i, by }) => queryRow(results, i, by, a, b)),
      chosen.length > state.count ? more : chosen.length ? "" : html("p", { class: "soft" }, "None."),
    );
  };
  render();
  return [
    html(
      "div",
      { class: "controls" },
      select("Method", labels, state.first, change("first")),
      select("Against", labels, state.second, change("second")),
      budgets.length ? select("Budget", budgets, state.budget, change("budget")) : null,
      buttons("Queries", [["wins", "Wins"], ["losses", "Losses"]], state.kind, change("kind")),
    ),
    tally,
    list,
  ];
}

function tallyOf(a, b, wins, losses, results) {
  const total = results.queries.length;
  const part = (share, colour) => html("span", { style: `width:${(100 * share) / total}%;background:${colour}` });
  const kept = total < results.count ? `, of the ${total.toLocaleString("en")} of ${results.count.toLocaleString("en")} in which the methods differ most` : "";
  const shown = a.ranking || b.ranking ? ` Documents are those of seed ${results.seed}; relevant ones are in bold.` : "";
  return [
    html("div", { class: "tally", "aria-hidden": "true" }, part(wins, a.colour), part(total - wins - losses, "transparent"), part(losses, b.colour)),
    html(
      "p",
      { class: "caption" },
      `${a.label} is better in ${counted(wins, "query", "queries")}, worse in ${losses.toLocaleString("en")}, equal in ${(total - wins - losses).toLocaleString("en")}${kept}; by ${results.measure}, means over seeds.${shown}`,
    ),
  ];
}

function queryRow(results, i, by, a, b) {
  const [id, text, judged] = results.queries[i];
  const relevant = new Set(judged);
  const details = html(
    "details",
    {
      on: {
        toggle: () => {
          if (details.open && details.children.length === 1) details.append(answers(results, i, relevant, a, b));
        },
      },
    },
    html(
      "summary",
      {},
      html("span", { class: "name" }, text ?? id),
      html(
        "span",
        { class: "score" },
        `${short(a.values[i] / 1000)} against ${short(b.values[i] / 1000)} `,
        html("span", { class: by > 0 ? "win" : "loss" }, short(by / 1000, "+")),
      ),
    ),
  );
  return details;
}

function answers(results, i, relevant, a, b) {
  const name = (document) => {
    const [id, title] = results.documents[document];
    return title === null ? id : `${id} ${title}`;
  };
  const side = (system) =>
    html(
      "div",
      {},
      html("h3", {}, system.unlimited ? system.label : `${system.label} at ${system.budget}`),
      system.ranking === null
        ? html("p", { class: "soft" }, "The documents found are not in the file of records.")
        : html(
            "ol",
            {},
            system.ranking[i].map((document) => html("li", { class: relevant.has(document) ? "relevant" : null }, name(document))),
          ),
    );
  const relevantNames = relevant.size ? `Relevant: ${[...relevant].map(name).join(" · ")}` : "";
  return html("div", { class: "columns" }, html("p", { class: "judged" }, relevantNames, ` (query ${results.queries[i][0]})`), side(a), side(b));
}
