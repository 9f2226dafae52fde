// The leaves of the learned tree: their load, and the documents and queries of each.

const SHOWN_AT_FIRST = 30;
const OVERFULL = 2; // times the average number of documents
const LEAF_ORDERS = {
  documents: { label: "documents", of: (leaf) => leaf.size },
  queries: { label: "test queries", of: (leaf) => leaf.queries?.count ?? 0 },
};

function treeSection(leaves) {
  const routed = leaves[0].queries !== null;
  const list = html("div", { class: "leaves" });
  const average = leaves.reduce((sum, leaf) => sum + leaf.size, 0) / leaves.length;
  let count = SHOWN_AT_FIRST;
  const more = html("button", { type: "button", class: "more", on: { click: () => ((count = Infinity), update()) } });
  const search = html("input", { type: "search", placeholder: "a word", value: address.text("leaf"), on: { input: () => address.set({ leaf: search.value || null }) } });
  const order = () => address.one("leaves", Object.keys(LEAF_ORDERS), "documents");
  const byLoad = select("Most", Object.entries(LEAF_ORDERS).map(([name, { label }]) => [name, label]), order(), (name) => address.set({ leaves: name }));
  const update = () => {
    const word = address.text("leaf").trim().toLowerCase();
    if (document.activeElement !== search) search.value = address.text("leaf");
    byLoad.querySelector("select").value = order();
    const { of } = LEAF_ORDERS[order()];
    const matching = leaves.filter((leaf) => `${leaf.words} ${leaf.concept ?? ""}`.toLowerCase().includes(word)).sort((a, b) => of(b) - of(a));
    const most = Math.max(1, ...leaves.map(of));
    list.replaceChildren(...matching.slice(0, count).map((leaf) => leafRow(leaf, of(leaf) / most, average)));
    more.hidden = matching.length <= count;
    more.textContent = `Show all ${matching.length.toLocaleString("en")}`;
  };
  update();
  address.listen(update, ["leaf", "leaves"]);
  return [html("div", { class: "controls" }, html("label", { class: "control" }, "Find a leaf", search), routed ? byLoad : null), list, more, html("p", { class: "caption" }, treeCaption(leaves, routed, average))];
}

function treeCaption(leaves, routed, mean) {
  const sizes = leaves.map((leaf) => leaf.size);
  const overfull = sizes.filter((size) => size > OVERFULL * mean).length;
  const empty = sizes.filter((size) => !size).length;
  const load = routed ? " Queries of a leaf are those that the tree sends there first; a wider beam visits more leaves." : "";
  return `${counted(leaves.length, "leaf", "leaves")}, ${mean.toFixed(0)} documents on average, the largest ${Math.max(...sizes).toLocaleString("en")}, ${empty.toLocaleString("en")} empty, ${overfull.toLocaleString("en")} overfull: with more than ${OVERFULL} times the average.${load} Each leaf is described by the words that most set it apart from the whole corpus; on hpo, the concept in bold is chosen in the same way and followed by the share of the leaf's documents below it.`;
}

function leafRow(leaf, share, average) {
  const overfull = leaf.size > OVERFULL * average ? `${amount(leaf.size / average)} times the average` : null;
  const load = [counted(leaf.size, "document", "documents"), overfull, leaf.queries ? counted(leaf.queries.count, "query", "queries") : null];
  const details = html(
    "details",
    { class: "leaf", on: { toggle: () => details.open && details.children.length === 1 && details.append(leafContents(leaf)) } },
    html(
      "summary",
      {},
      html("span", { class: "load" }, load.filter(Boolean).join(", "), html("span", { class: "bar", style: `width:${100 * share}%` })),
      html("span", { class: "words" }, leaf.concept ? html("span", { class: "ancestor" }, `${leaf.concept} ${Math.round(100 * leaf.share)} %`) : null, leaf.words || (leaf.size ? "" : "empty")),
    ),
  );
  return details;
}

function leafContents(leaf) {
  const listOf = (title, texts, total) =>
    html(
      "div",
      {},
      html("h4", {}, title),
      html("ul", {}, texts.map((text) => html("li", {}, text))),
      total > texts.length ? html("p", { class: "soft" }, `and ${(total - texts.length).toLocaleString("en")} more`) : null,
    );
  const { queries } = leaf;
  return html(
    "div",
    { class: "columns" },
    listOf(`Documents of leaf ${leaf.number}`, leaf.documents, leaf.size),
    queries ? listOf(queries.count ? `Queries sent here first; ${queries.found} of ${queries.count} find a relevant document` : "No query is sent here first", queries.texts, queries.count) : null,
  );
}
