"""HTTP in, models out. Routes translate; they do not decide."""
