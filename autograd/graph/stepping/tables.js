// Numbers as text, and arrays as tables.

function make(tag, kind, ...content) {
  const made = document.createElement(tag);
  if (kind) made.className = kind;
  made.append(...content);
  return made;
}

function decimal(value) {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "nan" : value > 0 ? "∞" : "−∞";
  return String(value).replace("-", "−").replace("e+", "e");
}

// As few digits as tell a number from its neighbours of the same precision.
function exact(value, double) {
  if (double || !Number.isFinite(value)) return decimal(value);
  for (let digits = 1; digits < 9; digits += 1) {
    const rounded = Number(value.toPrecision(digits));
    if (Math.fround(rounded) === value) return decimal(rounded);
  }
  return decimal(Number(value.toPrecision(9)));
}

function short(value, digits) {
  if (!Number.isFinite(value) || value === 0) return decimal(value);
  const size = Math.abs(value);
  if (Number.isInteger(value) && size < 1e6) return decimal(value);
  if (size < 1e-3 || size >= 1e5) return value.toExponential(1).replaceAll("-", "−");
  return decimal(Number(value.toPrecision(digits)));
}

function place(position, lengths) {   // the index of an entry along several axes
  const index = [];
  for (const length of [...lengths].reverse()) {
    index.unshift(position % length);
    position = Math.floor(position / length);
  }
  return index;
}

function product(lengths) { return lengths.reduce((a, b) => a * b, 1); }

function entries(array) {
  const bytes = Uint8Array.from(atob(array.data), c => c.charCodeAt(0)).buffer;
  return array.double ? new Float64Array(bytes) : new Float32Array(bytes);
}

function table(array, name) {
  const values = entries(array), rows = [], axes = array.shape.length;
  const [above, beside] = [array.shape.slice(0, array.split ?? axes - 1),
                           array.shape.slice(array.split ?? axes - 1)];
  const most = Math.max(...Array.from(values, Math.abs).filter(Number.isFinite), 0);
  const columns = "split" in array ? product(beside) : Math.min(8, product(beside));
  for (let r = 0; r < values.length / columns; r += 1) {
    const row = make("tr");
    for (let c = 0; c < columns; c += 1) {
      const value = values[r * columns + c], cell = make("td", "", short(value, 3));
      const index = [...place(r, above), ...place(c, beside)];
      cell.style.setProperty("--hue", value < 0 ? "var(--negative)" : "var(--positive)");
      cell.style.setProperty("--share", `${most ? 75 * Math.min(1, Math.abs(value) / most) : 0}%`);
      cell.title = `[${index.join(", ")}] = ${exact(value, array.double)}`;
      row.append(cell);
    }
    rows.push(row);
  }
  const made = make("table", columns > 5 ? "heat dense" : "heat", make("tbody", "", ...rows));
  made.setAttribute("aria-label", `${name}, ${shape(array)}`);
  return made;
}

function shape(array) {
  return `(${array.shape.join(", ")}${array.shape.length === 1 ? "," : ""}) ${array.dtype}`;
}
