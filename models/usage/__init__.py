"""What one LLM call used, in canonical form, and how providers' own words become it. Pure: no session, no clock."""
