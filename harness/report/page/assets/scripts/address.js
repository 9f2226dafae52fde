// The view, which the address keeps after its #, so that a link reproduces it.

const address = (() => {
  const read = () => new URLSearchParams(location.hash.slice(1));
  let values = read();
  let listeners = [];
  const changed = (changes) => {
    const copy = new URLSearchParams(values);
    for (const [name, value] of Object.entries(changes)) {
      copy.delete(name);
      if (value !== null) for (const each of [value].flat()) copy.append(name, each);
    }
    return copy;
  };
  return {
    text: (name) => values.get(name) ?? "",
    // The value, if it is one of the options: a link may come from another report.
    one: (name, options, fallback) => (options.includes(values.get(name)) ? values.get(name) : fallback),
    all: (name) => (values.has(name) ? values.getAll(name) : null),
    link: (changes) => `#${changed(changes)}`,
    set: (changes) => {
      values = changed(changes);
      history.replaceState(null, "", `#${values}`);
      for (const listener of listeners) listener();
    },
    reread: () => (values = read()),
    // Every part of the page that depends on the view draws itself again after a change.
    listen: (listener) => listeners.push(listener),
    notify: () => listeners.forEach((listener) => listener()),
    forget: () => (listeners = []),
  };
})();
