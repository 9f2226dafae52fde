// The view, which the address keeps after its #, so that a link reproduces it.

const FILTERS = ["method", "budget", "measure"];

const address = (() => {
  const read = () => new URLSearchParams(location.hash.slice(1));
  let values = read();
  let before = values;
  let listeners = [];
  const lasting = [];
  const changed = (changes) => {
    const copy = new URLSearchParams(values);
    for (const [name, value] of Object.entries(changes)) {
      copy.delete(name);
      if (value !== null) for (const each of [value].flat()) copy.append(name, each);
    }
    return copy;
  };
  const entry = (from, name) => JSON.stringify(from.getAll(name));
  const differs = (name) => entry(values, name) !== entry(before, name);
  const notify = () => {
    for (const { listener, names } of [...lasting, ...listeners]) if (names.some(differs)) listener();
  };
  return {
    text: (name) => values.get(name) ?? "",
    // The value, if it is one of the options: a link may come from another report.
    one: (name, options, fallback) => (options.includes(values.get(name)) ? values.get(name) : fallback),
    all: (name) => (values.has(name) ? values.getAll(name) : null),
    link: (changes) => `#${changed(changes)}`,
    set: (changes) => {
      [before, values] = [values, changed(changes)];
      history.replaceState(null, "", `#${values}`);
      notify();
    },
    reread: () => ([before, values] = [values, read()]),
    notify,
    // A part of the page draws itself again if one of these entries changes, and only then: what
    // is drawn again loses the keyboard's focus. The parts of a dataset are forgotten with it.
    listen: (listener, names) => listeners.push({ listener, names }),
    forget: () => (listeners = []),
    // A part that is not about one dataset.
    listenAlways: (listener, names) => lasting.push({ listener, names }),
  };
})();
