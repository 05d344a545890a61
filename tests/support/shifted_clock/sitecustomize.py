"""Lets the clock of a Python process be wrong by ``TEST_CLOCK_IS_OFF`` seconds: Python imports this module by itself where its
folder is on the path. What measures how much time passes is as ever.
"""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime, timedelta

import time_machine

_real = time.monotonic, time.monotonic_ns
time_machine.travel(datetime.now(UTC) + timedelta(seconds=float(os.environ["TEST_CLOCK_IS_OFF"])), tick=True).start()
time.monotonic, time.monotonic_ns = _real
