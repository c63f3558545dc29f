"""The dashboard: questions on screen. It asks models and draws; it decides nothing and writes nothing but sessions."""
