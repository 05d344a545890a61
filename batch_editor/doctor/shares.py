"""Tells whether a folder is on a share of the network, where neither SQLite nor a lock can be relied on."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

#: What Linux calls the file systems of other machines.
_OF_NETWORK = re.compile(
    r"nfs\d?|cifs|smb\w*|ncpfs|afs|ceph|glusterfs|lustre|davfs\d?|fuse\.(sshfs|glusterfs|ceph|rclone|s3fs|davfs)"
)
_MOUNTS = Path("/proc/self/mounts")
#: What Windows calls a drive of another machine.
_REMOTE = 4


def share_of(folder: Path, mounts: Path = _MOUNTS) -> str:
    """Returns the kind of the share that ``folder`` is on, "" if it is on none, or nobody knows; ``mounts`` lists the file
    systems of this machine."""
    if sys.platform == "win32":
        return _of_windows(folder)
    try:
        lines = mounts.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except OSError:  # macOS has no such list
        return ""
    place = os.path.realpath(folder)
    best = ""
    kind = ""
    for line in lines:
        parts = line.split(" ")
        if len(parts) < 3:
            continue
        root = re.sub(r"\\([0-7]{3})", lambda code: chr(int(code[1], 8)), parts[1])
        inside = place == root or place.startswith(root.rstrip("/") + "/")
        if inside and len(root) >= len(best):  # of two at one place, the later one is seen
            best = root
            kind = parts[2]
    return kind if _OF_NETWORK.fullmatch(kind) else ""


def _of_windows(folder: Path) -> str:
    if sys.platform == "win32":
        import ctypes

        drive = folder.absolute().drive
        if drive.startswith("\\\\"):
            return "SMB"
        if ctypes.windll.kernel32.GetDriveTypeW(f"{drive}\\") == _REMOTE:
            return "SMB"
    return ""
