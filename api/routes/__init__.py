"""One file per noun. A route translates: it decides nothing."""
