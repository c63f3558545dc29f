"""Pages, one per question: each asks, queries and draws."""
