// Draws a figure in the letters and colours of the page around it, as wide as there is room; anew only where something
// has changed.

const CONFIG = { displayModeBar: false };
const LETTERS = 12; // pixels
const LOST = "The script that draws charts did not come. Load the page again.";

export default function ({ data, parentElement }) {
  const place = parentElement.querySelector(".f-plot");
  place.role = "img";
  place.setAttribute("aria-label", data.title);
  place.style.height = `${data.height}px`;
  place.wanted = data.figure; // the script may come after several figures
  const library = import(location.origin + data.library);
  library.then((plotly) => draw(place, plotly)).catch(() => lose(place));
  // Streamlit says so of an earlier figure, too, while the place goes on with a later one.
  return () => library.then((plotly) => place.isConnected || leave(place, plotly), () => {});
}

function draw(place, { Plots, react }) {
  const style = getComputedStyle(place), said = [place.wanted, style.color, style.fontFamily].join();
  if (place.said === said || !place.isConnected) return;
  const { data, layout } = JSON.parse(place.wanted);
  if (!place.said) place.replaceChildren();
  react(place, data, dressed(layout, style), CONFIG);
  place.said = said;
  place.watcher ??= watched(place, Plots);
}

function leave(place, { purge }) {
  place.watcher?.disconnect();
  purge(place);
}

function lose(place) {
  place.removeAttribute("aria-label");
  place.role = "alert";
  place.textContent = LOST;
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
