// The leaves of the learned tree, the largest first, with what they are about.

const LEAVES = 30;

function treeSection(leaves) {
  const largest = Math.max(...leaves.map(([, size]) => size));
  const list = html("div", { class: "leaves" });
  const state = { count: LEAVES, wanted: "" };
  const more = html("button", { type: "button", class: "more", on: { click: () => ((state.count = Infinity), render()) } });
  const render = () => {
    const fitting = leaves.filter((leaf) => `${leaf[2]} ${leaf[3] ?? ""}`.toLowerCase().includes(state.wanted));
    list.replaceChildren(...fitting.slice(0, state.count).map((leaf) => leafRow(leaf, largest)));
    more.hidden = fitting.length <= state.count;
    more.textContent = `Show all ${fitting.length.toLocaleString("en")}`;
  };
  const search = html("input", {
    type: "search",
    placeholder: "a word",
    on: { input: () => ((state.wanted = search.value.trim().toLowerCase()), render()) },
  });
  render();
  const empty = leaves.filter(([, size]) => !size).length;
  const mean = leaves.reduce((sum, [, size]) => sum + size, 0) / leaves.length;
  return [
    html("div", { class: "controls" }, html("label", { class: "control" }, "Find a leaf", search)),
    list,
    more,
    html(
      "p",
      { class: "caption" },
      `${several(leaves.length, "leaf").replace("leafs", "leaves")}, ${mean.toFixed(0)} documents on average, the largest ${largest.toLocaleString("en")}, ${empty.toLocaleString("en")} empty. Words, and on hpo the concept in bold with the share of the leaf below it, are those that stand out against the whole corpus.`,
    ),
  ];
}

function leafRow([number, size, words, ancestor, share], largest) {
  return html(
    "div",
    { class: "leaf", title: `leaf ${number}` },
    html("span", { class: "count" }, size.toLocaleString("en")),
    html("span", {}, html("span", { class: "bar", style: `display:block;width:${(100 * size) / largest}%` })),
    html("span", { class: "words" }, ancestor ? html("span", { class: "ancestor" }, `${ancestor} ${Math.round(100 * share)} %`) : null, words),
  );
}
