"""A local stand-in of the CRM, to try a sheet on and to test with: it takes edits, keeps clues, misbehaves on request.

It is written from the public reference alone and imports nothing else of this package, so that one misreading
cannot hide in both the client and the stand-in. Where the reference is silent, a comment names the choice made here.
"""

from .crm import Sandbox, SandboxRequest
from .faults import FAULT_NAMES, fault_help
from .quirks import QUIRK_NAMES
from .reference import EDIT_PATH, INFO_PATH, PAGE_PATH, POOLS_PATH, TOKEN_PATH

__all__ = [
    "EDIT_PATH",
    "FAULT_NAMES",
    "INFO_PATH",
    "PAGE_PATH",
    "POOLS_PATH",
    "QUIRK_NAMES",
    "TOKEN_PATH",
    "Sandbox",
    "SandboxRequest",
    "fault_help",
]
