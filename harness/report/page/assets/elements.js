// Elements are made here and nowhere else. Text goes in as text, so that data is never markup.

const SVG = "http://www.w3.org/2000/svg";

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "on") for (const [event, act] of Object.entries(value)) element.addEventListener(event, act);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined));
  return element;
}

const html = (name, attributes = {}, ...children) => fill(document.createElement(name), attributes, children);
const svg = (name, attributes = {}, ...children) => fill(document.createElementNS(SVG, name), attributes, children);

// A choice of which one is taken: a select with its label, or a row of buttons.
function select(label, options, chosen, act) {
  const list = html(
    "select",
    { on: { change: () => act(list.value) } },
    options.map((option) => html("option", { value: option, selected: option === chosen }, option)),
  );
  return html("label", { class: "control" }, label, list);
}

function buttons(label, options, chosen, act) {
  const all = options.map(([value, words]) =>
    html(
      "button",
      {
        type: "button",
        "data-value": value,
        "aria-pressed": String(value === chosen),
        on: {
          click: () => {
            for (const other of all) other.setAttribute("aria-pressed", String(other.dataset.value === value));
            act(value);
          },
        },
      },
      words,
    ),
  );
  return html("div", { class: "control", role: "group", "aria-label": label }, label, html("div", { class: "switch" }, all));
}

// Three digits and no zero before the point, as in the tables.
const short = (number, sign = "") => {
  const digits = Math.abs(number).toFixed(3).replace(/^0\./, ".");
  return (number < 0 ? "−" : sign) + digits;
};
const several = (count, noun) => `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`;
