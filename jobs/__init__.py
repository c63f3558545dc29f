"""Functions of (time, store) that can be run again safely. `schedule.py` is a table of them."""
