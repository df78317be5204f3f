"use strict";
// A cloud of points, painted as one picture under the axes of a plot: thousands of marks of their
// own would take a browser seconds. It is painted anew at every zoom.
const cloud = (() => {
  const RADIUS = 3.2, NEAR = 14, PADDING = 0.04;

  const shapes = [
    (context, x, y, r) => context.arc(x, y, r, 0, 2 * Math.PI),
    (context, x, y, r) => context.rect(x - r, y - r, 2 * r, 2 * r),
    (context, x, y, r) => { context.moveTo(x, y - 1.3 * r); context.lineTo(x + 1.3 * r, y); context.lineTo(x, y + 1.3 * r); context.lineTo(x - 1.3 * r, y); context.closePath(); },
    (context, x, y, r) => { context.moveTo(x, y - 1.2 * r); context.lineTo(x + 1.1 * r, y + r); context.lineTo(x - 1.1 * r, y + r); context.closePath(); },
  ];

  // The names plotly has for them, for legends.
  const symbols = ["circle", "square", "diamond", "triangle-up"];

  // From the least to the most of *values*, with some room.
  function range(values) {
    let low = Infinity, high = -Infinity;
    for (const value of values) { if (value < low) low = value; if (value > high) high = value; }
    if (!(high >= low)) return [0, 1];
    const room = (high - low || Math.abs(high) || 1) * PADDING;
    return [low - room, high + room];
  }

  // A picture of *groups* ({colour, symbol, x, y}: arrays in coordinates of the axes) over *view*.
  function paint(groups, view, width, height) {
    const sharp = Math.min(window.devicePixelRatio || 1, 2);
    const canvas = Object.assign(document.createElement("canvas"), { width: Math.max(1, width * sharp), height: Math.max(1, height * sharp) });
    const context = canvas.getContext("2d");
    context.scale(sharp, sharp);
    context.globalAlpha = 0.75;
    for (const group of groups) {
      context.fillStyle = group.colour;
      const shape = shapes[group.symbol % shapes.length];
      for (let n = 0; n < group.x.length; n++) {
        const [x, y] = pixel(group.x[n], group.y[n], view, width, height);
        if (!(x > -9 && x < width + 9 && y > -9 && y < height + 9)) continue;
        context.beginPath();
        shape(context, x, y, RADIUS);
        context.fill();
      }
    }
    return canvas.toDataURL();
  }

  const pixel = (x, y, view, width, height) => [
    (x - view.x[0]) / (view.x[1] - view.x[0]) * width, (view.y[1] - y) / (view.y[1] - view.y[0]) * height];

  // The picture as plotly wants it.
  const image = (groups, view, width, height) => ({ source: paint(groups, view, width, height), xref: "x", yref: "y",
    x: view.x[0], y: view.y[1], sizex: view.x[1] - view.x[0], sizey: view.y[1] - view.y[0],
    xanchor: "left", yanchor: "top", sizing: "stretch", layer: "below" });

  // The point of *groups* next to the pointer: group and place in it, or null if none is near.
  function nearest(groups, view, frame, event) {
    const at = [event.clientX - frame.left, event.clientY - frame.top];
    let best = null, least = NEAR ** 2;
    groups.forEach((group) => {
      for (let n = 0; n < group.x.length; n++) {
        const [x, y] = pixel(group.x[n], group.y[n], view, frame.width, frame.height);
        const distance = (x - at[0]) ** 2 + (y - at[1]) ** 2;
        if (distance < least) { least = distance; best = { group, n }; }
      }
    });
    return best;
  }

  return { range, image, nearest, symbols };
})();
