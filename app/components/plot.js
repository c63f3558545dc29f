// Draws a figure in the letters and colours of the page around it, as wide as there is room; anew only where something
// has changed.

const CONFIG = { displayModeBar: false };
const LETTERS = 12; // pixels

export default function ({ data, parentElement }) {
  const place = parentElement.querySelector(".f-plot");
  place.setAttribute("aria-label", data.title);
  place.style.height = `${JSON.parse(data.figure).layout.height}px`;
  place.wanted = data.figure;
  const library = import(location.origin + data.library);
  library.then((plotly) => draw(place, plotly));
  return () => {
    place.watcher?.disconnect();
    library.then(({ purge }) => purge(place));
  };
}

// Whatever was asked for last: the script may have come after several figures.
function draw(place, { Plots, react }) {
  const style = getComputedStyle(place), said = [place.wanted, style.color, style.fontFamily].join();
  if (place.said === said) return;
  place.said = said;
  const { data, layout } = JSON.parse(place.wanted);
  react(place, data, dressed(layout, style), CONFIG);
  place.watcher ??= watched(place, Plots);
}

function dressed(layout, style) {
  const own = (name) => style.getPropertyValue(name), family = style.fontFamily;
  return {
    ...layout,
    font: { family, size: LETTERS, color: style.color },
    hoverlabel: {
      bgcolor: own("--st-background-color"), bordercolor: own("--st-border-color"), align: "left", namelength: -1,
      font: { family, size: LETTERS + 1, color: own("--st-text-color") },
    },
  };
}

function watched(place, Plots) {
  const watcher = new ResizeObserver(() => {
    if (place.clientWidth && place.clientWidth !== place._fullLayout.width) Plots.resize(place);
  });
  watcher.observe(place);
  return watcher;
}
