// Links of our own within the dashboard open without loading it anew. They stay links: with a modifier key, in a new
// tab, or without this script the browser follows them itself. Marks of charts lead on like links, too: a trace's `meta`
// is an address, or the last of a mark's `customdata` is, or what that address is to have besides.

// As the browser's own back and forward do, which Streamlit follows: one step of the history for each link.
function lead(href) {
  history.pushState({}, "", href);
  dispatchEvent(new PopStateEvent("popstate", { state: {} }));
}

export default function () {
  const follow = (event) => {
    const link = event.target.closest?.("[data-testid='stHtml'] a[href^='/']");
    const plain = event.button === 0 && !(event.metaKey || event.ctrlKey || event.shiftKey || event.altKey);
    if (!link || !plain || event.defaultPrevented || link.target || link.hasAttribute("download")) return;
    event.preventDefault();
    lead(link.getAttribute("href"));
    const closes = "[data-testid='stSidebarCollapseButton'] button"; // of a narrow window, where the menu hides the page
    if (innerWidth < 768 && link.closest("nav")) document.querySelector(closes)?.click();
  };
  document.addEventListener("click", follow);
  document.addEventListener("pointerover", watch);
  document.addEventListener("pointerdown", watch);
  return () => {
    document.removeEventListener("click", follow);
    document.removeEventListener("pointerover", watch);
    document.removeEventListener("pointerdown", watch);
  };
}

function watch(event) {
  const chart = event.target.closest?.(".js-plotly-plot");
  if (!chart?.on || chart.leadsOn === chart.on) return; // Plotly makes another one when it draws a chart anew
  chart.leadsOn = chart.on;
  const follow = (mark) => {
    const href = address(mark);
    if (href) lead(href);
    return !href;
  };
  chart.on("plotly_treemapclick", ({ points }) => follow(points[0])); // one that leads nowhere opens in its place
  chart.on("plotly_click", ({ points, event }) => {
    if (points[0].fullData.type !== "treemap") follow(struck(chart, points, event));
  });
}

function address(mark) {
  const base = mark?.fullData?.meta ?? "", own = Array.isArray(mark?.customdata) ? mark.customdata.at(-1) : "";
  if (!base) return String(own).startsWith("/") ? own : "";
  return own ? base + (base.includes("?") ? "&" : "?") + own : base;
}

const NEAR = 12; // pixels between a click and the line or the bar that it means

// The hover text is one for all marks of a place: which of them was meant is told by the height of the click.
function struck(chart, points, event) {
  const axis = points[0]?.yaxis;
  if (!axis || points[0].fullData.orientation === "h") return points[0];
  const y = event.clientY - chart.querySelector(".nsewdrag").getBoundingClientRect().top;
  const marks = points.filter((point) => point.fullData.meta).sort((one, other) => one.curveNumber - other.curveNumber);
  const distances = spans(marks, axis).map(([low, high]) => Math.max(low - y, y - high, 0));
  const nearest = Math.min(...distances);
  return nearest <= NEAR ? marks[distances.indexOf(nearest)] : undefined;
}

// From top to bottom in pixels: of a stack each mark stands on those before it, losses hang below them.
function spans(marks, axis) {
  const ends = { gains: 0, losses: 0 };
  return marks.map(({ fullData, pointNumber }) => {
    const value = fullData.y[pointNumber] ?? 0, side = value < 0 ? "losses" : "gains";
    const stacked = fullData.type === "bar" || fullData.stackgroup;
    const from = stacked ? ends[side] : value, to = stacked ? (ends[side] += value) : value;
    return [axis.d2p(Math.max(from, to)), axis.d2p(Math.min(from, to))];
  });
}
