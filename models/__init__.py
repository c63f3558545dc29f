"""The language of Farthing and its meaning: events, money, prices, the ledger, spend. Imports no sibling package."""
