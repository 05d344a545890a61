"""What the tests of the page share: a browser, where a machine has one."""

from support.browser import browser as browser
from support.browser import browser_page as browser_page
