// How pointer and keyboard reach the markers of the chart, and what they show of each.

// The chart is one stop of the Tab key. Left and right move along a curve, up and down to another.
function followKeys(root, markers) {
  root.addEventListener("keydown", (event) => {
    const now = markers.findIndex(({ mark }) => mark === document.activeElement);
    if (now < 0) return;
    const { label, position, open } = markers[now];
    const labels = [...new Set(markers.map((marker) => marker.label))];
    const onCurve = (step) => (markers[now + step]?.label === label ? markers[now + step] : null);
    const otherCurve = (step) => {
      const next = labels[(labels.indexOf(label) + step + labels.length) % labels.length];
      const distance = (marker) => Math.abs(marker.position[0] - position[0]);
      return markers.filter((marker) => marker.label === next).reduce((best, marker) => (distance(marker) < distance(best) ? marker : best));
    };
    const moves = { ArrowRight: () => onCurve(1), ArrowLeft: () => onCurve(-1), ArrowUp: () => otherCurve(-1), ArrowDown: () => otherCurve(1) };
    if (event.key === "Enter" || event.key === " ") open();
    else if (!(event.key in moves)) return;
    event.preventDefault();
    const target = moves[event.key]?.();
    if (!target) return;
    markers[now].mark.setAttribute("tabindex", -1);
    target.mark.setAttribute("tabindex", 0);
    target.mark.focus();
  });
}

// Select the nearest marker within reach, so that the pointer need not hit its few pixels exactly.
function followPointer(root, markers, width, tooltip) {
  const reach = 40;
  root.addEventListener("pointermove", (event) => {
    const box = root.getBoundingClientRect();
    const scale = width / box.width;
    const [px, py] = [(event.clientX - box.left) * scale, (event.clientY - box.top) * scale];
    const distance = ({ position }) => Math.hypot(position[0] - px, position[1] - py);
    const closest = markers.reduce((best, other) => (distance(other) < distance(best) ? other : best));
    if (distance(closest) < reach) closest.show();
    else leave();
  });
  const leave = () => {
    for (const { mark } of markers) mark.classList.remove("near");
    tooltip.hide();
  };
  root.addEventListener("pointerleave", leave);
}

function makeTooltip(element) {
  return {
    hide: () => (element.hidden = true),
    show: (root, position, curve, point, state) => {
      const [mean, low, high] = point.values[state.measure];
      const facts = [
        [state.measure, mean.toFixed(4)],
        [point.seeds.length > 1 ? "± over seeds" : "95 % interval", point.seeds.length > 1 ? (high - mean).toFixed(4) : `${low.toFixed(3)} to ${high.toFixed(3)}`],
        ...Object.entries(COSTS)
          .filter(([cost]) => point.costs[cost] !== null)
          .map(([cost, { label, unit }]) => [label, amount(point.costs[cost]) + unit]),
        ["seeds", point.seeds.join(", ")],
      ];
      element.replaceChildren(
        html("b", {}, curve.label, point.unlimited ? "" : ` at ${point.budget}`),
        html("dl", {}, facts.flatMap(([name, value]) => [html("dt", {}, name), html("dd", {}, value)])),
      );
      element.hidden = false;
      const box = root.getBoundingClientRect();
      const scale = box.width / root.viewBox.baseVal.width;
      const left = box.left + position[0] * scale + 14;
      const overflows = left + element.offsetWidth > document.documentElement.clientWidth - 8;
      const shifted = overflows ? Math.max(8, left - element.offsetWidth - 28) : left;
      element.style.left = `${shifted + window.scrollX}px`;
      element.style.top = `${box.top + position[1] * scale + 14 + window.scrollY}px`;
    },
  };
}
