"""Tells those who are concerned what became of a night in which nobody watched."""
