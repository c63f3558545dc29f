// Lines and areas are part of the core.
import Plotly from "plotly.js/lib/core";
import bar from "plotly.js/lib/bar";
import treemap from "plotly.js/lib/treemap";

Plotly.register([bar, treemap]);

export const { Plots, purge, react, version } = Plotly;
