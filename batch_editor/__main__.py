"""``python -m batch_editor`` is the same as ``batch-editor``."""

from .cli.commands import main

main()
