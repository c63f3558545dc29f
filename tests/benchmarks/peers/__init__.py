"""Farthing beside installed peers, in the same run, in turns: `make bench-peers`.

A peer lives in a venv of its own and is asked through its own door, in its own words. What is compared is what users
wait for: until a call is on disk with its price, and not until somebody has answered.
"""
