// Scales: each maps numbers to pixel positions along an axis, and chooses the ticks.

function logarithmic(values, from, to) {
  const margin = 1.18;
  const low = Math.log(Math.min(...values) / margin);
  const high = Math.log(Math.max(...values) * margin);
  const position = (value) => from + ((Math.log(value) - low) / (high - low)) * (to - from);
  const ticks = [];
  for (let decade = Math.floor(low / Math.LN10); decade <= Math.ceil(high / Math.LN10); decade++) {
    for (const digit of [1, 2, 5]) {
      const value = digit * 10 ** decade;
      if (Math.log(value) >= low && Math.log(value) <= high) ticks.push(Number(value.toPrecision(1)));
    }
  }
  return { position, ticks, format: (value) => value.toLocaleString("en", { maximumSignificantDigits: 1 }) };
}

function linear(values, from, to) {
  let low = Math.min(...values);
  let high = Math.max(...values);
  const margin = 0.06 * (high - low) || 0.05;
  [low, high] = [low - margin, high + margin];
  const rough = (high - low) / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * [1, 2, 5, 10].find((factor) => factor * power >= rough);
  const ticks = [];
  for (let value = Math.ceil(low / step) * step; value <= high + 1e-9; value += step) ticks.push(value);
  const digits = Math.max(0, -Math.floor(Math.log10(step)));
  const position = (value) => from + ((value - low) / (high - low)) * (to - from);
  return { position, ticks, format: (value) => value.toFixed(digits) };
}
