"""The workbooks that are written: results, checks, differences, templates."""
