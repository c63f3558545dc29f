"""What a call costs: names to price rows, rows to rate cards, events to nano-dollars. Pure: no session, no clock."""
