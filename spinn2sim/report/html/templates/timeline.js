"use strict";
// The timeline of the PEs: for each pixel what took most of its time, drawn anew at every zoom.
(() => {
  const { byId, colour } = report;
  const found = report.json("timeline-data");
  const element = byId("timeline-plot");
  const NOTHING = 255, HEIGHT = 800, TALLEST = 26;
  let modes, starts, durations, codes, offsets, begin, end, view, drawing = false, again = false;

  async function inflated(text) {
    const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
    return new Response(stream).arrayBuffer();
  }

  // Unpacked once: start of each stretch in ms, what it is, and where each PE begins.
  async function unpack() {
    durations = new Uint32Array(await inflated(found.durations));
    codes = new Uint8Array(await inflated(found.codes));
    starts = new Float64Array(durations.length);
    offsets = [0];
    begin = found.begin_ms; end = begin;
    let n = 0;
    for (const count of found.counts) {
      let ticks = 0;
      for (const stop = n + count; n < stop; n++) {
        starts[n] = begin + ticks * found.ms_per_tick;
        ticks += durations[n];
      }
      end = Math.max(end, begin + ticks * found.ms_per_tick);
      offsets.push(n);
    }
    view = [begin, end];
  }

  const wantedPEs = () => [...Array(found.n_pe).keys()].filter((pe) => !report.wanted() || report.wanted().has(pe));

  // Index of the stretch of *pe* at *ms*: the last one that began by then.
  function at(pe, ms) {
    let low = offsets[pe], high = offsets[pe + 1] - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (starts[middle] <= ms) low = middle; else high = middle - 1;
    }
    return low;
  }

  const stopOf = (n) => starts[n] + durations[n] * found.ms_per_tick;

  // What took most of each of *bins* pixels on the core of *pe*, as an entry of the legend; -1: nothing.
  function rowOf(pe, places, nEntries, [from, to], bins) {
    const row = new Int16Array(bins).fill(-1);
    if (offsets[pe] === offsets[pe + 1]) return row;
    const width = (to - from) / bins, took = new Float64Array(nEntries + 1);
    let bin = 0;
    const close = () => {
      let best = 0;
      for (let entry = 1; entry <= nEntries; entry++) if (took[entry] > took[best]) best = entry;
      row[bin] = took[best] > 0 && best < nEntries ? best : -1;
      took.fill(0);
    };
    for (let n = at(pe, from); n < offsets[pe + 1] && starts[n] < to; n++) {
      const entry = codes[n] === NOTHING ? nEntries : places[codes[n]];
      let start = Math.max(starts[n], from);
      const stop = Math.min(stopOf(n), to);
      if (stop <= start) continue;
      const last = Math.min(Math.floor((stop - from) / width), bins - 1);
      while (bin < last) {
        const edge = from + (bin + 1) * width;
        took[entry] += Math.max(edge - start, 0);
        start = Math.max(start, edge);
        close();
        bin++;
      }
      took[entry] += Math.max(stop - start, 0);
    }
    close();
    return row;
  }

  // The thin lane below a core: refills and DMA transfers under way.
  function lanesOf(pes, nEntries, [from, to], bins) {
    const lanes = new Map(pes.map((pe) => [pe, new Int16Array(bins).fill(-1)]));
    const width = (to - from) / bins, moves = found.transfers;
    for (let n = 0; n < moves.pe.length; n++) {
      const lane = lanes.get(moves.pe[n]);
      if (!lane || moves.end[n] <= from || moves.begin[n] >= to) continue;
      const first = Math.max(Math.floor((moves.begin[n] - from) / width), 0);
      const last = Math.min(Math.floor((moves.end[n] - from) / width), bins - 1);
      lane.fill(nEntries - 2 + moves.kind[n], first, last + 1);
    }
    return lanes;
  }

  // The pixels of a colour, as ImageData keeps them.
  function pixel(css) {
    const context = Object.assign(document.createElement("canvas"), { width: 1, height: 1 }).getContext("2d");
    context.fillStyle = css;
    context.fillRect(0, 0, 1, 1);
    return new Uint32Array(context.getImageData(0, 0, 1, 1).data.buffer)[0];
  }

  // Rows of pixels for each of *n* PEs: core, lane, and a gap where there is room.
  function rowsFor(n) {
    const all = Math.max(2, Math.min(TALLEST, Math.floor(HEIGHT / Math.max(n, 1))));
    const gap = all >= 8 ? 2 : 0, lane = all >= 4 ? Math.round(all / 4.5) : 0;
    return { all, core: all - lane - gap, lane };
  }

  // The picture of what the cores did, a pixel for a pixel.
  function picture(pes, mode, bins) {
    const n = mode.legend.length, palette = mode.legend.map((entry) => pixel(colour(entry.colour)));
    const lanes = lanesOf(pes, n, view, bins), rows = rowsFor(pes.length);
    const canvas = Object.assign(document.createElement("canvas"), { width: bins, height: pes.length * rows.all });
    const context = canvas.getContext("2d"), image = context.createImageData(canvas.width, canvas.height);
    const pixels = new Uint32Array(image.data.buffer);
    const paint = (line, row) => row.forEach((entry, bin) => { if (entry >= 0) pixels[line * bins + bin] = palette[entry]; });
    pes.forEach((pe, place) => {
      const row = rowOf(pe, mode.places, n, view, bins);
      for (let line = 0; line < rows.core; line++) paint(place * rows.all + line, row);
      for (let line = 0; line < rows.lane; line++) paint(place * rows.all + rows.core + line, lanes.get(pe));
    });
    context.putImageData(image, 0, 0);
    return canvas.toDataURL();
  }

  function figure() {
    const pes = wantedPEs(), mode = found.modes[byId("timeline-mode").value];
    const bins = Math.max(200, Math.min(element.clientWidth - 84, 2000));
    const step = Math.max(1, Math.ceil(pes.length / 24));
    const ticks = pes.map((pe, place) => [place + 0.4, pe]).filter((_, k) => k % step === 0);
    const image = { source: picture(pes, mode, bins), xref: "x", yref: "y", x: view[0], y: 0, sizex: view[1] - view[0],
      sizey: pes.length, xanchor: "left", yanchor: "top", sizing: "stretch", layer: "below" };
    const corners = { type: "scatter", mode: "markers", x: [...view], y: [0, pes.length], hoverinfo: "skip", marker: { opacity: 0 } };
    return { data: [corners], layout: { height: 74 + Math.max(pes.length, 2) * rowsFor(pes.length).all, images: [image],
      showlegend: false, hovermode: false,
      xaxis: { title: { text: "ms after the first timer interrupt" }, range: [...view], showgrid: false, zeroline: false },
      yaxis: { title: { text: "PE" }, range: [pes.length, 0], fixedrange: true, showgrid: false, zeroline: false,
        tickvals: ticks.map(([place]) => place), ticktext: ticks.map(([, pe]) => String(pe)) },
      shapes: deadlines(pes.length) } };
  }

  // Releases of the time steps, where there is room for them.
  function deadlines(n) {
    const first = Math.max(Math.ceil(view[0] / found.period_ms), 0), last = Math.floor(view[1] / found.period_ms);
    if (last - first > 40) return [];
    return Array.from({ length: Math.max(last - first + 1, 0) }, (_, k) => ({ type: "line", layer: "above",
      x0: (first + k) * found.period_ms, x1: (first + k) * found.period_ms, y0: 0, y1: n,
      line: { color: "$text", width: 1, dash: "dot" } }));
  }

  async function draw() {
    if (drawing) { again = true; return; }
    drawing = true;
    byId("timeline-from").value = view[0].toFixed(6).replace(/\.?0+$/, "");
    byId("timeline-to").value = view[1].toFixed(6).replace(/\.?0+$/, "");
    legend();
    await report.plot(element, figure());
    drawing = false;
    if (again) { again = false; await draw(); }
  }

  function legend() {
    const entries = found.modes[byId("timeline-mode").value].legend;
    byId("timeline-legend").replaceChildren(...entries.filter((entry) => entry.share !== 0).map((entry) => {
      const item = document.createElement("li"), swatch = document.createElement("i"), share = document.createElement("span");
      swatch.style.background = colour(entry.colour);
      const text = document.createElement("b");
      text.style.fontWeight = "400";
      text.innerHTML = entry.name; // escaped where the page was made
      share.textContent = entry.share === null ? "" : ` ${(entry.share * 100).toPrecision(3)} %`;
      item.append(swatch, text, share);
      return item;
    }));
  }

  function show(from, to) {
    const least = 20 * found.ms_per_tick;
    if (!(to > from)) return;
    view = [Math.max(from, begin), Math.min(Math.max(to, from + least), end)];
    if (view[1] - view[0] < least) view = [begin, end];
    draw();
  }

  const moves = {
    in: (middle, half) => [middle - half / 2, middle + half / 2],
    out: (middle, half) => [middle - half * 2, middle + half * 2],
    left: (middle, half) => [middle - half * 1.5, middle + half * 0.5],
    right: (middle, half) => [middle - half * 0.5, middle + half * 1.5],
    all: () => [begin, end],
  };

  // Where the pointer is: PE, ms, and whether in its lane.
  function read(event) {
    const frame = element.querySelector(".nsewdrag").getBoundingClientRect();
    const across = (event.clientX - frame.left) / frame.width, down = (event.clientY - frame.top) / frame.height;
    const pes = wantedPEs(), place = down * pes.length, pe = pes[Math.floor(place)];
    if (across < 0 || across > 1 || pe === undefined || offsets[pe] === offsets[pe + 1]) return;
    const ms = view[0] + across * (view[1] - view[0]), rows = rowsFor(pes.length), inLane = place % 1 > rows.core / rows.all;
    byId("timeline-readout").innerHTML = inLane ? laneText(pe, ms) : coreText(pe, ms);
  }

  const time = (ms) => ms.toLocaleString("en", { maximumFractionDigits: 4, minimumFractionDigits: 4 });

  // Length of stretch *n* in cycles, of a PE that changes its clock in those of its own then.
  function cyclesOf(pe, n) {
    const own = found.clocks[pe];
    if (!own) return `${Math.round(durations[n] * found.cycles_per_tick).toLocaleString("en")} cycles`;
    const middle = (starts[n] + stopOf(n)) / 2;
    const mhz = own.mhz[own.from_ms.findLastIndex((ms) => ms <= middle)];
    const cycles = Math.round(durations[n] * found.ms_per_tick * mhz * 1000);
    return `${cycles.toLocaleString("en")} cycles at ${mhz} MHz`;
  }

  function coreText(pe, ms) {
    const n = at(pe, ms), name = codes[n] === NOTHING ? "nothing recorded" : found.names[codes[n]];
    const cycles = cyclesOf(pe, n);
    const step = ms < 0 ? "before the first time step" : `time step ${Math.floor(ms / found.period_ms)}`;
    return `PE ${pe}, ${step}: <b>${name}</b>, ${time(starts[n])} to ${time(stopOf(n))} ms, ${cycles}`;
  }

  function laneText(pe, ms) {
    const moves = found.transfers;
    const n = moves.pe.findIndex((each, k) => each === pe && moves.begin[k] <= ms && ms <= moves.end[k]);
    if (n < 0) return `PE ${pe}: no transfer`;
    const what = moves.kind[n] ? "DMA transfer" : "host refill";
    return `PE ${pe}: <b>${what}</b> of ${moves.n_bytes[n].toLocaleString("en")} B, ${time(moves.begin[n])} to ${time(moves.end[n])} ms`;
  }

  let ready = null;
  report.onRedraw(async () => {
    if (!ready) ready = unpack().then(start);
    await ready;
    await draw();
  });

  function start() {
    byId("timeline-form").addEventListener("submit", (event) => {
      event.preventDefault();
      show(Number(byId("timeline-from").value), Number(byId("timeline-to").value));
    });
    byId("timeline-mode").addEventListener("change", draw);
    document.querySelectorAll("#timeline-form [data-move]").forEach((button) => button.addEventListener("click", () => {
      show(...moves[button.dataset.move]((view[0] + view[1]) / 2, (view[1] - view[0]) / 2));
    }));
    return draw().then(() => {
      element.on("plotly_relayout", (change) => {
        if (drawing) return;
        if (change["xaxis.autorange"]) show(begin, end);
        else if ("xaxis.range[0]" in change) show(Number(change["xaxis.range[0]"]), Number(change["xaxis.range[1]"]));
      });
      element.addEventListener("pointermove", read);
      element.addEventListener("pointerdown", read);
    });
  }
})();
