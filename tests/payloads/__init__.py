"""Rows and the JSON that each must become, written by hand from the reference of clue/edit; read by ``cases.py``."""
