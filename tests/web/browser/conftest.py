"""What the tests in a browser share."""

from support.mend_pages import opened as opened
