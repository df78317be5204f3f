"use strict";
// A sweep: filters in front of everything, then trade-offs, heat map, parallel axes and the table.
(() => {
  const { byId, plain, plot } = report;
  const found = report.json("sweep-data");
  const columns = new Map(found.columns.map((column) => [column.name, column]));
  const FEW = 12, PAGE = 50, MAX_LINES = 1000, N_TICKS = 5;
  const filters = []; // each says of a point whether it is wanted
  let shown = [], front = new Set(), sortBy = null, descending = false, page = 0;

  const text = (column, n) => {
    const value = column.values[n];
    if (value === null) return "";
    return spelt(column, value);
  };
  const whole = new Intl.NumberFormat("en");
  const number = (value) => (Number.isInteger(value) ? whole.format(value) : String(value));
  const spelt = (column, value) => (column.kind === "text" ? column.levels[value] : column.labels?.[value] ?? number(value));
  const element = (tag, properties = {}, ...children) => {
    const made = Object.assign(document.createElement(tag), properties);
    made.append(...children);
    return made;
  };
  const rowTexts = Array.from({ length: found.n }, () => null);
  const rowText = (n) => (rowTexts[n] ??= found.columns.map((column) => text(column, n)).join(" ").toLowerCase());

  // Filters --------------------------------------------------------------------------------
  function distinct(column) {
    column.distinct ??= [...new Set(column.values)].filter((value) => value !== null).sort((a, b) => a - b);
    return column.distinct;
  }

  function addChoices(column, values) {
    const boxes = values.map((value) => {
      const box = element("input", { type: "checkbox", checked: true, defaultChecked: true, value: String(value) });
      return { value, box, label: element("label", {}, box, ` ${spelt(column, value)}`) };
    });
    byId("filter-fields").append(element("fieldset", {}, element("legend", { textContent: column.name }), ...boxes.map((each) => each.label)));
    filters.push(() => {
      if (boxes.every((each) => each.box.checked)) return null;
      const wanted = new Set(boxes.filter((each) => each.box.checked).map((each) => each.value));
      return (n) => wanted.has(column.values[n]);
    });
  }

  function addRange(column, values) {
    const ends = ["least", "most"].map((name, k) => element("input", { type: "number", step: "any",
      placeholder: String(k ? values[values.length - 1] : values[0]), ariaLabel: `${column.name}: ${name}` }));
    byId("filter-fields").append(element("fieldset", {}, element("legend", { textContent: column.name }), ends[0], " to ", ends[1]));
    filters.push(() => {
      const [low, high] = ends.map((end) => (end.value === "" ? null : Number(end.value)));
      if (low === null && high === null) return null;
      return (n) => column.values[n] !== null && (low === null || column.values[n] >= low) && (high === null || column.values[n] <= high);
    });
  }

  function addFilters() {
    for (const column of found.columns) {
      const values = distinct(column);
      const state = ["status", "fits", "feasible", "bound_by"].includes(column.name);
      if (values.length < 2 || !(column.role === "axis" || state)) continue;
      if (values.length <= FEW) addChoices(column, values);
      else if (column.kind === "number") addRange(column, values);
    }
    for (const name of [found.first.x, found.first.y]) {
      const column = columns.get(name);
      if (column.role === "output" && column.kind === "number") addRange(column, distinct(column));
    }
    const form = byId("filter-form");
    let timer = null;
    form.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(apply, 60); });
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("reset", () => setTimeout(apply));
  }

  function choose() {
    const tests = filters.map((filter) => filter()).filter(Boolean);
    const words = byId("search").value.toLowerCase().split(/\s+/).filter(Boolean);
    shown = [];
    for (let n = 0; n < found.n; n++) {
      if (tests.every((test) => test(n)) && words.every((word) => rowText(n).includes(word))) shown.push(n);
    }
    byId("shown").textContent = `${whole.format(shown.length)} of ${whole.format(found.n)} points`;
  }

  async function apply() {
    choose();
    page = 0;
    view = null;
    await drawAll();
  }

  // Colours --------------------------------------------------------------------------------
  // Points by colour: a list of {name, colour, points}, and the ends of the scale if it is one.
  function groups(column, points) {
    const values = distinct(column);
    if (column.kind === "text" || values.length <= found.colours.length) {
      return values.map((value, k) => ({
        name: spelt(column, value),
        colour: found.colours[k % found.colours.length], symbol: k,
        points: points.filter((n) => column.values[n] === value) })).filter((group) => group.points.length);
    }
    const low = values[0], width = (values[values.length - 1] - low) / found.scale.length || 1;
    const bins = found.scale.map((colour) => ({ name: "", colour, symbol: 0, points: [] }));
    for (const n of points) {
      if (column.values[n] === null) continue;
      bins[Math.min(Math.floor((column.values[n] - low) / width), bins.length - 1)].points.push(n);
    }
    return bins.filter((bin) => bin.points.length);
  }

  const isScale = (column) => column.kind === "number" && distinct(column).length > found.colours.length;

  function scaleBar(column) {
    const values = distinct(column);
    const scale = found.scale.map((colour, k) => [k / (found.scale.length - 1), colour]);
    return { type: "scatter", mode: "markers", x: [null], y: [null], showlegend: false, hoverinfo: "skip",
      marker: { color: [values[0]], cmin: values[0], cmax: values[values.length - 1], colorscale: scale, showscale: true,
        colorbar: { title: { text: plain(column.name), side: "right" }, thickness: 14 } } };
  }

  // Trade-offs -----------------------------------------------------------------------------
  function paretoFront(x, y, signX, signY) {
    const order = shown.filter((n) => x.values[n] !== null && y.values[n] !== null)
      .sort((a, b) => signX * (x.values[a] - x.values[b]) || signY * (y.values[a] - y.values[b]));
    const kept = [];
    let best = Infinity, bestX = NaN;
    for (const n of order) {
      const value = signY * y.values[n];
      if (value < best || (value === best && x.values[n] === bestX)) { kept.push(n); bestX = value < best ? x.values[n] : bestX; best = value; }
    }
    return kept;
  }

  // Where a point stands on an axis: its value, its logarithm, or the place of its text.
  const isLog = (column) => byId("front-log").checked && column.kind === "number" && distinct(column)[0] > 0;
  const place = (column, n) => (isLog(column) ? Math.log10(column.values[n]) : column.values[n]);

  function frontAxis(column, range) {
    const axis = { title: { text: plain(column.name) }, range, gridcolor: "$faint", type: isLog(column) ? "log" : "linear" };
    if (column.kind === "number") return axis;
    return { ...axis, tickvals: column.levels.map((_, k) => k), ticktext: column.levels.map(plain) };
  }

  let view = null, painted = [];

  function drawFront() {
    const [x, y, colour] = ["front-x", "front-y", "front-colour"].map((id) => columns.get(byId(id).value));
    const [signX, signY] = ["front-x-goal", "front-y-goal"].map((id) => (byId(id).value === "max" ? -1 : 1));
    const numbers = x.kind === "number" && y.kind === "number";
    const best = numbers ? paretoFront(x, y, signX, signY) : [];
    front = new Set(best);
    painted = groups(colour, shown).map((group) => {
      const points = group.points.filter((n) => x.values[n] !== null && y.values[n] !== null);
      return { ...group, points, x: points.map((n) => place(x, n)), y: points.map((n) => place(y, n)) };
    });
    view ??= { x: cloud.range(painted.flatMap((group) => group.x)), y: cloud.range(painted.flatMap((group) => group.y)) };
    const element = byId("front-plot"), height = 460, margin = { l: 74, r: isScale(colour) ? 120 : 18 };
    const data = painted.filter((group) => group.name).map((group) => ({ type: "scatter", mode: "markers", x: [null], y: [null],
      name: plain(group.name), marker: { color: group.colour, size: 8, symbol: cloud.symbols[group.symbol % cloud.symbols.length] } }));
    if (isScale(colour)) data.push(scaleBar(colour));
    data.push({ type: "scatter", mode: "lines+markers", name: "Pareto front", x: best.map((n) => x.values[n]), y: best.map((n) => y.values[n]),
      line: { color: "$text", width: 2, shape: signX > 0 ? "hv" : "vh" },
      hovertemplate: `Pareto front<br>${plain(x.name)}: %{x}<br>${plain(y.name)}: %{y}<extra></extra>`,
      marker: { color: "#D55E00", size: 9, symbol: "diamond", line: { color: "$panel", width: 1 } } });
    byId("front-said").textContent = numbers ? `${whole.format(best.length)} of ${whole.format(shown.length)} points are on the front.` : "";
    return plot(element, { data, layout: { height, margin, hovermode: "closest", xaxis: frontAxis(x, view.x), yaxis: frontAxis(y, view.y),
      images: [cloud.image(painted, view, element.clientWidth - margin.l - margin.r, height - 74)] } });
  }

  // What the pointer is at, below the plot.
  function read(event) {
    const frame = byId("front-plot").querySelector(".nsewdrag").getBoundingClientRect();
    const near = cloud.nearest(painted, view, frame, event);
    if (!near) return;
    const n = near.group.points[near.n];
    const told = [...new Set([...found.first.axes, byId("front-x").value, byId("front-y").value])];
    byId("front-said").textContent = `Point ${whole.format(n + 1)}: ${told.map((name) => `${name} = ${text(columns.get(name), n)}`).join(", ")}`;
  }

  function listen() {
    const element = byId("front-plot");
    element.addEventListener("pointermove", read);
    element.addEventListener("pointerdown", read);
    element.on("plotly_relayout", (change) => {
      if (change["xaxis.autorange"] || change["yaxis.autorange"]) view = null;
      else if ("xaxis.range[0]" in change || "yaxis.range[0]" in change) {
        for (const axis of ["x", "y"]) {
          if (`${axis}axis.range[0]` in change) view = { ...view, [axis]: [0, 1].map((end) => change[`${axis}axis.range[${end}]`]) };
        }
      } else return;
      drawFront();
    });
  }

  // Heat map -------------------------------------------------------------------------------
  const OF = {
    mean: (values) => values.reduce((sum, value) => sum + value, 0) / values.length,
    min: (values) => Math.min(...values), max: (values) => Math.max(...values), n: (values) => values.length,
  };

  function drawMap() {
    const [x, y, value] = ["map-x", "map-y", "map-value"].map((id) => columns.get(byId(id).value));
    const of = byId("map-of").value;
    const [xs, ys] = [x, y].map((column) => distinct(column).filter((each) => shown.some((n) => column.values[n] === each)));
    const [placeX, placeY] = [xs, ys].map((values) => new Map(values.map((each, k) => [each, k])));
    const cells = ys.map(() => xs.map(() => []));
    for (const n of shown) {
      if (x.values[n] === null || y.values[n] === null || value.values[n] === null) continue;
      cells[placeY.get(y.values[n])][placeX.get(x.values[n])].push(value.values[n]);
    }
    const z = cells.map((row) => row.map((cell) => (cell.length ? OF[of](cell) : null)));
    const names = (column, values) => values.map((each) => plain(spelt(column, each)));
    const data = [{ type: "heatmap", x: names(x, xs), y: names(y, ys), z, xgap: xs.length < 60 ? 1 : 0, ygap: ys.length < 40 ? 1 : 0,
      colorscale: found.scale.map((colour, k) => [k / (found.scale.length - 1), colour]),
      colorbar: { title: { text: plain(of === "n" ? "points" : value.name), side: "right" }, thickness: 14 },
      hovertemplate: `${plain(x.name)} = %{x}<br>${plain(y.name)} = %{y}<br>%{z}<extra></extra>` }];
    return plot(byId("map-plot"), { data, layout: { height: Math.max(280, Math.min(640, 110 + ys.length * 26)), margin: { r: 120 },
      xaxis: { title: { text: plain(x.name) }, type: "category" }, yaxis: { title: { text: plain(y.name) }, type: "category" } } });
  }

  // Parallel axes --------------------------------------------------------------------------
  function drawLines() {
    const names = [...new Set([...found.first.axes, byId("front-x").value, byId("front-y").value])];
    const chosen = names.map((name) => columns.get(name));
    const levels = chosen.map(distinct);
    const height = (k, value) => {
      const values = levels[k], column = chosen[k];
      if (column.kind === "text") return values.length > 1 ? values.indexOf(value) / (values.length - 1) : 0.5;
      const low = values[0], span = values[values.length - 1] - low;
      return span ? (value - low) / span : 0.5;
    };
    const some = sample(shown);
    const colour = columns.get(byId("front-colour").value);
    const data = groups(colour, some).map((group) => {
      const x = [], y = [];
      for (const n of group.points) {
        chosen.forEach((column, k) => { x.push(k); y.push(column.values[n] === null ? null : height(k, column.values[n])); });
        x.push(null); y.push(null);
      }
      return { type: "scatter", mode: "lines", x, y, hoverinfo: "skip", name: plain(group.name), showlegend: Boolean(group.name),
        opacity: 0.45, line: { color: group.colour, width: 1 } };
    });
    const notes = chosen.flatMap((column, k) => ticks(column, levels[k]).map(([value, label]) => ({ x: k, y: height(k, value), text: plain(label),
      showarrow: false, xanchor: k === chosen.length - 1 ? "right" : "left", xshift: k === chosen.length - 1 ? -4 : 4, font: { size: 10, color: "$text" }, bgcolor: "$panel", opacity: 0.85 })));
    const rules = chosen.map((_, k) => ({ type: "line", x0: k, x1: k, y0: 0, y1: 1, line: { color: "$outline", width: 1.5 } }));
    byId("lines-said").textContent = some.length < shown.length
      ? `${whole.format(some.length)} of ${whole.format(shown.length)} points are drawn, chosen at random.` : "";
    return plot(byId("lines-plot"), { data, layout: { height: 420, below: report.narrow() ? 80 : 50, annotations: notes, shapes: rules, hovermode: false, margin: { l: 40, r: 40 },
      xaxis: { range: [-0.06, chosen.length - 0.94], tickvals: chosen.map((_, k) => k), ticktext: chosen.map((column, k) => wrapped(column.name, k)), showgrid: false, nticks: 0 },
      yaxis: { range: [-0.06, 1.06], visible: false } } });
  }

  // At most MAX_LINES of *points*, always the same: every n-th one would fall in step with a grid.
  function sample(points) {
    if (points.length <= MAX_LINES) return points;
    const rank = (n) => Math.imul(n + 1, 2654435761) >>> 0;
    return [...points].sort((a, b) => rank(a) - rank(b)).slice(0, MAX_LINES).sort((a, b) => a - b);
  }

  // A long field path in two lines; on a narrow page every other one stands lower.
  function wrapped(name, k) {
    const parts = name.split("."), lower = report.narrow() && k % 2 ? "<br><br>" : "";
    return lower + plain(parts.length > 1 ? parts.slice(0, -1).join(".") + "." : "") + (parts.length > 1 ? "<br>" : "") + plain(parts[parts.length - 1]);
  }

  function ticks(column, values) {
    if (column.kind === "text" || values.length <= 8) return values.map((value) => [value, spelt(column, value)]);
    const low = values[0], high = values[values.length - 1];
    return Array.from({ length: N_TICKS }, (_, k) => low + (high - low) * k / (N_TICKS - 1)).map((value) => [value, number(Number(value.toPrecision(4)))]);
  }

  // Table ----------------------------------------------------------------------------------
  function tableColumns() {
    if (byId("all-columns").checked) return found.columns;
    const wanted = new Set([...found.first.axes, byId("front-x").value, byId("front-y").value, byId("front-colour").value, "fits", "feasible", "bound_by", "status", "error"]);
    return found.columns.filter((column) => wanted.has(column.name));
  }

  function sorted(points) {
    if (!sortBy) return points;
    const column = columns.get(sortBy), sign = descending ? -1 : 1;
    return [...points].sort((a, b) => {
      const [left, right] = [column.values[a], column.values[b]];
      if (left === null || right === null) return (left === null) - (right === null);
      return sign * (left - right);
    });
  }

  function drawTable() {
    const picked = tableColumns(), points = sorted(byId("only-front").checked ? shown.filter((n) => front.has(n)) : shown);
    const nPages = Math.max(1, Math.ceil(points.length / PAGE));
    page = Math.min(page, nPages - 1);
    const head = element("tr", {}, ...picked.map((column) => {
      const button = element("button", { type: "button", textContent: column.name });
      button.addEventListener("click", () => { descending = sortBy === column.name && !descending; sortBy = column.name; drawTable(); refocus(column.name); });
      const cell = element("th", { scope: "col" }, button);
      if (column.kind === "number") cell.className = "number";
      cell.ariaSort = sortBy === column.name ? (descending ? "descending" : "ascending") : "none";
      return cell;
    }));
    const rows = points.slice(page * PAGE, (page + 1) * PAGE).map((n) => {
      const row = element("tr", {}, ...picked.map((column) => element("td", { textContent: text(column, n), className: column.kind === "number" ? "number" : "" })));
      row.classList.toggle("front", front.has(n));
      row.classList.toggle("failed", text(columns.get("status"), n) === "failed");
      return row;
    });
    byId("points-table").tHead.replaceChildren(head);
    byId("points-table").tBodies[0].replaceChildren(...rows);
    byId("page-said").textContent = `page ${page + 1} of ${nPages}, ${whole.format(points.length)} points`;
    byId("page-back").disabled = page === 0;
    byId("page-on").disabled = page >= nPages - 1;
  }

  const refocus = (name) => [...byId("points-table").querySelectorAll("th button")].find((button) => button.textContent === name)?.focus();

  // All together ---------------------------------------------------------------------------
  function fillSelect(id, wanted, first) {
    byId(id).replaceChildren(...found.columns.filter(wanted).map((column) => element("option", { value: column.name, textContent: column.name })));
    if (columns.has(first)) byId(id).value = first;
  }

  function startControls() {
    const { first } = found, more = new Set(first.more);
    const plottable = (column) => column.role !== "state" || column.name === "status";
    const numeric = (column) => column.kind === "number" && column.role !== "state";
    fillSelect("front-x", plottable, first.x);
    fillSelect("front-y", plottable, first.y);
    fillSelect("front-colour", (column) => plottable(column) && column.name !== "verdict", first.colour);
    fillSelect("map-x", (column) => column.role === "axis", first.across);
    fillSelect("map-y", (column) => column.role === "axis", first.up);
    fillSelect("map-value", numeric, first.y);
    const goal = (id) => { byId(`${id}-goal`).value = more.has(byId(id).value) ? "max" : "min"; };
    for (const id of ["front-x", "front-y"]) { goal(id); byId(id).addEventListener("change", () => { goal(id); redrawFront(); }); }
    for (const id of ["front-x-goal", "front-y-goal", "front-colour", "front-log"]) byId(id).addEventListener("change", redrawFront);
    for (const id of ["map-x", "map-y", "map-value", "map-of"]) byId(id).addEventListener("change", drawMap);
    for (const id of ["only-front", "all-columns"]) byId(id).addEventListener("change", () => { page = 0; drawTable(); });
    byId("page-back").addEventListener("click", () => { page--; drawTable(); });
    byId("page-on").addEventListener("click", () => { page++; drawTable(); });
  }

  async function redrawFront() { view = null; await drawFront(); await drawLines(); drawTable(); }
  async function drawAll() { await drawFront(); drawTable(); await drawMap(); await drawLines(); }

  addFilters();
  startControls();
  choose();
  let listening = false;
  report.onRedraw(async () => {
    await drawAll();
    if (!listening) listen();
    listening = true;
  });
})();
