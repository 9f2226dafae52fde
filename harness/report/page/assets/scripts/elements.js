// All elements are created here. Strings become text nodes, so that data is never parsed as markup.

const SVG = "http://www.w3.org/2000/svg";

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "on") for (const [event, listener] of Object.entries(value)) element.addEventListener(event, listener);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined));
  return element;
}

const html = (name, attributes = {}, ...children) => fill(document.createElement(name), attributes, children);
const svg = (name, attributes = {}, ...children) => fill(document.createElementNS(SVG, name), attributes, children);

// A choice of one option, as a labelled select. An option is a value, or a value and its label.
function select(label, options, chosen, onChange) {
  const list = html(
    "select",
    { on: { change: () => onChange(list.value) } },
    options.map((option) => {
      const [value, text] = Array.isArray(option) ? option : [option, option];
      return html("option", { value, selected: value === chosen }, text);
    }),
  );
  return html("label", { class: "control" }, label, list);
}

// The same choice as a row of buttons; each option is a value and its label.
function buttons(label, options, chosen, onChange) {
  const all = options.map(([value, text]) =>
    html(
      "button",
      {
        type: "button",
        "data-value": value,
        "aria-pressed": String(value === chosen),
        on: {
          click: () => {
            for (const other of all) other.setAttribute("aria-pressed", String(other.dataset.value === value));
            onChange(value);
          },
        },
      },
      text,
    ),
  );
  return html("div", { class: "control", role: "group", "aria-label": label }, label, html("div", { class: "switch" }, all));
}

// Show in a row of buttons which value is chosen.
function press(row, value) {
  for (const button of row.querySelectorAll("button")) button.setAttribute("aria-pressed", String(button.dataset.value === value));
}

// Three decimals without the zero before the point, as in the tables.
const short = (number, sign = "") => {
  const digits = Math.abs(number).toFixed(3).replace(/^0\./, ".");
  return (number < 0 ? "−" : sign) + digits;
};
const counted = (count, singular, plural) => `${count.toLocaleString("en")} ${count === 1 ? singular : plural}`;
const amount = (value) => value.toLocaleString("en", { maximumSignificantDigits: 3 });
// A number and its unit stay on one line.
const unbroken = (text) => text.replace(/(\d) (?=%|ms\b|µs)/g, "$1\u00a0").replace(/% (?=MACs)/g, "%\u00a0");
