"""The rules of rows: what a row of a sheet asks for, what the live record of its clue makes of that, and what a call holds."""
