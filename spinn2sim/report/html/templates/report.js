"use strict";
// What every page does: theme, plots, the filter by PE, searchable tables.
const report = (() => {
  const charts = new Map(); // id -> {element, figures, selects}
  const redraws = []; // of plots that draw themselves; called when theme or PEs change
  const MANY_BARS = 40;
  let wanted = null; // set of PEs to show; null: all

  const byId = (id) => document.getElementById(id);
  const json = (id) => JSON.parse(byId(id).textContent);
  const narrow = () => window.innerWidth < 600;

  // A user's text where plotly would read tags.
  const plain = (text) => String(text).replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");

  function colour(name) {
    if (typeof name !== "string" || !name.startsWith("$")) return name;
    return getComputedStyle(document.documentElement).getPropertyValue("--" + name.slice(1)).trim();
  }

  // A copy of *value* in which every colour variable is looked up.
  function coloured(value) {
    if (typeof value === "string") return colour(value);
    if (Array.isArray(value)) return typeof value[0] === "number" ? value : value.map(coloured);
    if (value === null || typeof value !== "object" || ArrayBuffer.isView(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, coloured(part)]));
  }

  // Those points of *trace* that belong to the PEs that are shown.
  function ofWantedPEs(trace) {
    const pes = trace.meta && trace.meta.pe;
    if (!wanted || !pes) return trace;
    const kept = { ...trace };
    for (const key of ["x", "y", "customdata", "text"]) {
      if (Array.isArray(trace[key])) kept[key] = trace[key].filter((_, n) => wanted.has(pes[n]));
    }
    return kept;
  }

  // Many bars side by side are drawn as one area each: the same picture, a hundredth of the work.
  function slim(trace) {
    if (trace.type !== "bar" || !trace.meta || !trace.meta.pe || trace.x.length <= MANY_BARS) return trace;
    const { type, marker, ...rest } = trace;
    return { ...rest, type: "scatter", mode: "lines", stackgroup: "one", hoveron: "points",
      line: { width: 0, shape: "hvh", color: marker.color }, fillcolor: marker.color, fillpattern: marker.pattern };
  }

  function axis(given) {
    const title = given && given.title ? { standoff: 6, ...given.title, font: { size: 12 } } : undefined;
    return { gridcolor: "$grid", linecolor: "$line", zeroline: false, tickcolor: "$line",
      ticklabeloverflow: "allow", tickangle: 0, ...(narrow() ? { nticks: 5 } : {}), ...given, title };
  }

  // Margins are computed here, because plotly would draw everything twice to find them out.
  const textWidth = (texts, limit) => Math.min(Math.max(0, ...texts.map((text) => String(text).length)) * 6.4, limit);

  function leftMargin(data, width, title) {
    const names = data.flatMap((trace) => (trace.y || []).filter((y) => typeof y === "string"));
    return names.length ? textWidth(names, width * 0.42) + (title ? 40 : 14) : 74;
  }

  // Rows of a legend below a plot of *width* pixels.
  function legendRows(data, width) {
    const widths = data.filter((trace) => trace.name && trace.showlegend !== false).map((trace) => 52 + trace.name.length * 6.2);
    const columns = Math.max(1, Math.floor(width / Math.max(1, ...widths)));
    return widths.length > 1 ? Math.ceil(widths.length / columns) : 0;
  }

  function layoutOf({ maxwidth, below: wantedBelow, ...given }, data, room) {
    const width = Math.min(room, maxwidth || room);
    const rows = given.showlegend === false ? 0 : legendRows(data, width - 90);
    const below = wantedBelow || (given.xaxis && given.xaxis.title ? 46 : 28), top = 28;
    const height = (given.height || 340) + rows * 20;
    const margin = { l: leftMargin(data, width, given.yaxis && given.yaxis.title), r: 18, t: top, b: below + rows * 20, autoexpand: false, ...(given.margin || {}) };
    const full = { paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)",
      hoverlabel: { bgcolor: "$panel", bordercolor: "$outline", font: { color: "$text", size: 12 }, align: "left" },
      modebar: { bgcolor: "rgba(0,0,0,0)", color: "$quiet", activecolor: "$accent" },
      dragmode: narrow() ? false : "zoom", showlegend: rows > 0, ...given, width, height, margin,
      legend: { orientation: "h", x: 0, xanchor: "left", yanchor: "top", y: -(below - 4) / (height - margin.t - margin.b),
        font: { size: 11 }, traceorder: "normal" },
      font: { family: "system-ui, -apple-system, Segoe UI, Roboto, Helvetica, Arial, sans-serif", size: 12, color: "$text" } };
    for (const key of Object.keys(full)) if (/^[xy]axis\d*$/.test(key)) full[key] = axis(full[key]);
    if (narrow() && data.some((trace) => trace.textposition === "outside")) full.xaxis.range = full.xaxis.range.map((x) => x * 1.3);
    full.xaxis = full.xaxis || axis({});
    full.yaxis = full.yaxis || axis({});
    return coloured(full);
  }

  const config = { responsive: false, displaylogo: false, scrollZoom: false,
    modeBarButtons: [["toImage", "zoom2d", "pan2d", "resetScale2d"]],
    toImageButtonOptions: { format: "svg" } };

  function plot(element, figure) {
    const data = figure.data.map(ofWantedPEs).map(slim);
    return Plotly.react(element, coloured(data), layoutOf(figure.layout, data, element.clientWidth), config);
  }

  function draw(chart) {
    const key = chart.selects.map((select) => select.value).join("/");
    return plot(chart.element, chart.figures[key] || Object.values(chart.figures)[0]);
  }

  function addChart(element) {
    const id = element.dataset.plot;
    const selects = [...document.querySelectorAll(`[data-choice-of="${id}"]`)];
    const chart = { element, figures: json(id + "-data").figures, selects };
    charts.set(id, chart);
    for (const select of selects) select.addEventListener("change", () => draw(chart));
  }

  const drawAll = () => { charts.forEach(draw); redraws.forEach((redraw) => redraw()); };

  // Theme ----------------------------------------------------------------------------------
  const prefersDark = window.matchMedia("(prefers-color-scheme: dark)");
  const stored = { get: () => { try { return localStorage.getItem("spinn2sim-theme"); } catch { return null; } },
    set: (value) => { try { localStorage.setItem("spinn2sim-theme", value); } catch { /* a file may have no storage */ } } };

  function applyTheme(choice, redraw) {
    const dark = choice === "dark" || (choice === "auto" && prefersDark.matches);
    document.documentElement.dataset.theme = dark ? "dark" : "light";
    if (redraw) drawAll();
  }

  function startTheme() {
    const select = byId("theme");
    select.value = stored.get() || "auto";
    if (!select.value) select.value = "auto";
    applyTheme(select.value, false);
    select.addEventListener("change", () => { stored.set(select.value); applyTheme(select.value, true); });
    prefersDark.addEventListener("change", () => applyTheme(select.value, true));
    window.addEventListener("beforeprint", () => applyTheme("light", true));
    window.addEventListener("afterprint", () => applyTheme(select.value, true));
  }

  // Filter by PE ---------------------------------------------------------------------------
  // "0-3, 7" as a set; null for all; undefined if it is not understood.
  function parsePEs(text) {
    if (!text.trim()) return null;
    const found = new Set();
    for (const part of text.split(",")) {
      const match = part.trim().match(/^(\d+)(?:\s*-\s*(\d+))?$/);
      if (!match) return undefined;
      const last = Math.min(Number(match[2] || match[1]), 1e6);
      for (let pe = Number(match[1]); pe <= last; pe++) found.add(pe);
    }
    return found;
  }

  function startFilter() {
    const form = byId("pe-filter");
    if (!form) return;
    const said = byId("pes-said"), all = said.textContent;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const found = parsePEs(byId("pes").value);
      if (found === undefined) { said.textContent = "not understood: write 0-3, 7"; return; }
      wanted = found;
      said.textContent = found === null ? all : `PE ${byId("pes").value.trim()}`;
      drawAll();
    });
    form.addEventListener("reset", () => { wanted = null; said.textContent = all; drawAll(); });
  }

  // Tables ---------------------------------------------------------------------------------
  function startSearch(input) {
    const rows = [...byId(input.dataset.search).tBodies[0].rows];
    const texts = rows.map((row) => row.textContent.toLowerCase());
    const count = byId(input.dataset.search + "-count");
    input.addEventListener("input", () => {
      const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
      let shown = 0;
      rows.forEach((row, n) => {
        row.hidden = !words.every((word) => texts[n].includes(word));
        shown += row.hidden ? 0 : 1;
      });
      count.textContent = words.length ? `${shown} of ${rows.length}` : "";
    });
  }

  // Widths are fixed when a plot is drawn, so a new width of the window draws anew.
  function startResize() {
    let width = window.innerWidth, timer = null;
    window.addEventListener("resize", () => {
      clearTimeout(timer);
      timer = setTimeout(() => {
        if (window.innerWidth !== width) { width = window.innerWidth; drawAll(); }
      }, 150);
    });
  }

  // A breath between plots keeps the page alive while it is drawn.
  const breath = () => new Promise((resolve) => setTimeout(resolve));

  async function start() {
    document.querySelectorAll("[data-plot]").forEach(addChart);
    document.querySelectorAll("[data-search]").forEach(startSearch);
    startFilter();
    startResize();
    for (const chart of charts.values()) { await draw(chart); await breath(); }
    for (const redraw of redraws) { await redraw(); await breath(); }
    document.documentElement.dataset.ready = "true";
  }

  startTheme();
  return { byId, json, plain, colour, coloured, plot, narrow, start,
    onRedraw: (redraw) => redraws.push(redraw), wanted: () => wanted };
})();
