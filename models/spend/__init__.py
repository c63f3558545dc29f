"""Spend: what dimensions and measures there are, how they are summed, and how a question is answered exactly."""
