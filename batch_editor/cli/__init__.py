"""The command line: words in, words out, exit codes."""

from .commands import main as main
