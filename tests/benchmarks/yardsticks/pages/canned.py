"""As many charts as a page of ours has, of figures that need no asking."""

import os

import plotly.graph_objects as go
import streamlit as st

DAYS = 30

st.title("Canned")
for number in range(int(os.environ["BENCH_CHARTS"])):
    bars = [go.Bar(x=list(range(DAYS)), y=[(day * 7 + index) % 11 for day in range(DAYS)]) for index in range(6)]
    st.plotly_chart(go.Figure(bars).update_layout(barmode="stack"), key=f"chart-{number}")
