// The leaves of the learned tree, largest first, with the words that describe each.

const SHOWN_AT_FIRST = 30;

function treeSection(leaves) {
  const largest = Math.max(...leaves.map(([, size]) => size));
  const list = html("div", { class: "leaves" });
  const state = { count: SHOWN_AT_FIRST, word: "" };
  const more = html("button", { type: "button", class: "more", on: { click: () => ((state.count = Infinity), render()) } });
  const render = () => {
    const matching = leaves.filter((leaf) => `${leaf[2]} ${leaf[3] ?? ""}`.toLowerCase().includes(state.word));
    list.replaceChildren(...matching.slice(0, state.count).map((leaf) => leafRow(leaf, largest)));
    more.hidden = matching.length <= state.count;
    more.textContent = `Show all ${matching.length.toLocaleString("en")}`;
  };
  const search = html("input", {
    type: "search",
    placeholder: "a word",
    on: { input: () => ((state.word = search.value.trim().toLowerCase()), render()) },
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
      `${counted(leaves.length, "leaf", "leaves")}, ${mean.toFixed(0)} documents on average, the largest ${largest.toLocaleString("en")}, ${empty.toLocaleString("en")} empty. Each leaf is described by the words that most set it apart from the whole corpus; on hpo, the concept in bold is chosen in the same way and followed by the share of the leaf's documents below it.`,
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
