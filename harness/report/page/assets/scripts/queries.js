// Two methods compared query by query: which one wins, by how much, and with which documents.

const PAGE = 25;
const MIN_DIFFERENCE = 0.5; // in thousandths, to which the values are rounded

function querySection(dataset) {
  const { results, baseline } = dataset;
  const labels = labelsOf(dataset).filter((label) => results.systems.some((system) => system.label === label));
  if (labels.length < 2) return [html("p", { class: "soft" }, "Only one method was measured; there is nothing to compare it with.")];
  const usual = labels.find((label) => label === "ehi") ?? labels[0];
  const rival = [baseline, ...labels].find((label) => labels.includes(label) && label !== usual);
  const tally = html("div");
  const list = html("div", { class: "query-list" });
  const controls = html("div", { class: "controls" });
  let count = PAGE;
  const stateNow = () => {
    const view = viewOf(dataset);
    const limited = results.systems.filter((system) => !system.unlimited && (!view.kind || system.kind === view.kind));
    const budgets = [...new Set(limited.map((system) => system.budget))];
    return {
      budgets,
      first: address.one("first", labels, usual),
      second: address.one("second", labels, rival),
      budget: address.one("compared", budgets, budgets[0] ?? "-"),
      kind: address.one("queries", ["wins", "losses"], "wins"),
      measure: results.measures.includes(view.ofAllQueries) ? view.ofAllQueries : results.measures[0],
    };
  };
  const find = (label, budget) => results.systems.find((system) => system.label === label && (system.unlimited || system.budget === budget));
  const change = (name) => (value) => {
    count = PAGE;
    address.set({ [name]: value });
  };
  const state = stateNow();
  const choices = {
    first: select("Method", labels, state.first, change("first")),
    second: select("Against", labels, state.second, change("second")),
    budget: select("At", state.budgets, state.budget, change("compared")),
  };
  const kinds = buttons("Queries", [["wins", "Wins"], ["losses", "Losses"]], state.kind, change("queries"));
  controls.append(choices.first, choices.second, choices.budget, kinds);
  const fillControls = (now) => {
    const ofBudget = choices.budget.querySelector("select");
    choices.budget.hidden = !now.budgets.length;
    if ([...ofBudget.options].map((option) => option.value).join() !== now.budgets.join()) {
      ofBudget.replaceChildren(...now.budgets.map((budget) => html("option", { value: budget }, budget)));
    }
    for (const [name, choice] of Object.entries(choices)) choice.querySelector("select").value = now[name];
    press(kinds, now.kind);
  };
  const update = () => {
    const now = stateNow();
    fillControls(now);
    const [a, b] = [find(now.first, now.budget), find(now.second, now.budget)];
    if (!a || !b) {
      tally.replaceChildren(html("p", { class: "soft" }, `${a ? now.second : now.first} was not measured at ${now.budget}.`));
      list.replaceChildren();
      return;
    }
    const differences = results.queries.map((_, i) => ({ i, by: a.values[now.measure][i] - b.values[now.measure][i] }));
    const wins = differences.filter(({ by }) => by > MIN_DIFFERENCE).sort((p, q) => q.by - p.by || p.i - q.i);
    const losses = differences.filter(({ by }) => by < -MIN_DIFFERENCE).sort((p, q) => p.by - q.by || p.i - q.i);
    tally.replaceChildren(...tallyOf(a, b, wins.length, losses.length, results, now.measure));
    const chosen = now.kind === "wins" ? wins : losses;
    const more = html("button", { type: "button", class: "more", on: { click: () => ((count += PAGE), update()) } }, "Show more");
    list.replaceChildren(
      ...chosen.slice(0, count).map(({ i, by }) => queryRow(results, i, by, a, b, now.measure)),
      chosen.length > count ? more : chosen.length ? "" : html("p", { class: "soft" }, "None."),
    );
  };
  update();
  address.listen(update, ["budget", "measure", "first", "second", "compared", "queries"]);
  return [controls, tally, list];
}

function tallyOf(a, b, wins, losses, results, measure) {
  const total = results.queries.length;
  const part = (share, colour) => html("span", { style: `width:${(100 * share) / total}%;background:${colour}` });
  const kept = total < results.count ? `, of the ${total.toLocaleString("en")} of ${results.count.toLocaleString("en")} in which the methods differ most` : "";
  const shown = a.ranking || b.ranking ? ` Documents are those of seed ${results.seed}; relevant ones are in bold.` : "";
  return [
    html("div", { class: "tally", "aria-hidden": "true" }, part(wins, a.colour), part(total - wins - losses, "transparent"), part(losses, b.colour)),
    html(
      "p",
      { class: "caption" },
      `${a.label} is better in ${counted(wins, "query", "queries")}, worse in ${losses.toLocaleString("en")}, equal in ${(total - wins - losses).toLocaleString("en")}${kept}; by ${measure}, means over seeds.${shown}`,
    ),
  ];
}

function queryRow(results, i, by, a, b, measure) {
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
        `${short(a.values[measure][i] / 1000)} against ${short(b.values[measure][i] / 1000)} `,
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
      html("h4", {}, system.unlimited ? system.label : `${system.label} at ${system.budget}`),
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
