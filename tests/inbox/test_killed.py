"""Killed at every step at which a pass changes its inbox: the next pass goes on, and nothing is lost or sent twice."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from support import jobs
from support.inboxes import Box

from batch_editor.sandbox import Sandbox

pytestmark = [pytest.mark.slow, pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")]

GOOD, BAD = "clue_id,remark\n11,a\n12,b\n13,c\n", "clue_id,rermark\n14,x\n"
#: Makes one pass after the other, each in an inbox and a process of its own, of which the Nth is killed before it changes
#: something in its inbox for the Nth time; ends with the first one that is not.
PASSES = """
import os, signal, sys
from itertools import count
from pathlib import Path
from support import jobs
from support.inboxes import Box

def one_pass(box, number, marker):
    steps = count(1)

    def step(*_):
        if next(steps) == number:
            os.kill(os.getpid(), signal.SIGKILL)

    def hook(event, arguments):
        changes = event in ("os.rename", "os.link", "os.remove", "os.mkdir", "os.rmdir")
        if changes or (event == "open" and arguments[2] & os.O_CREAT):
            paths = [argument for argument in arguments if isinstance(argument, str | bytes | os.PathLike)]
            if any(os.fsencode(path).startswith(os.fsencode(box.folder)) for path in paths):
                step()

    sys.addaudithook(hook)
    box.one_pass(marker=marker, on_taken=step, on_preview=step, on_handled=step)

place, url, marker = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
for number in count(1):
    (place / str(number)).mkdir()
    box = Box(place / str(number), url)
    box.aged(jobs.text_file(box.folder / "good.csv", sys.argv[4]), 9)
    jobs.text_file(box.folder / "bad.csv", sys.argv[5])
    for name in ("good", "bad"):
        (box.folder / f"{name}{marker}").touch()
    child = os.fork()
    if not child:
        one_pass(box, number, marker)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    print(number, status)
    if status != signal.SIGKILL:
        sys.exit(os.waitstatus_to_exitcode(status))
"""


@pytest.fixture
def crm() -> Iterator[Sandbox]:
    with Sandbox([{"clue_id": clue} for clue in range(11, 15)], access_token=jobs.TOKEN) as running:
        yield running


def test_at_whatever_step_a_pass_is_killed_the_next_one_ends_it(tmp_path: Path, crm: Sandbox) -> None:
    """With markers there are all steps."""
    marker = ".done"
    paths = os.pathsep.join(path for path in sys.path if path)
    command = [sys.executable, "-c", PASSES, str(tmp_path), crm.url, marker, GOOD, BAD]
    done = subprocess.run(command, env={**os.environ, "PYTHONPATH": paths}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    passes = len(done.stdout.splitlines())
    assert passes > 20
    for number in range(1, passes + 1):
        box = Box(tmp_path / str(number), crm.url)
        assert box.one_pass(marker=marker).exit_code in (0, 2), number
        names = [name for name in box.files() if not Path(name).name.startswith(".")]  # but for a try whether there is room
        files = {name: (box.folder / name).read_bytes() for name in names}
        assert [name for name, content in files.items() if content == GOOD.encode()] == ["done/good.csv"], number
        assert [name for name, content in files.items() if content == BAD.encode()] == ["refused/bad.csv"], number
        reasons = [name for name in files if name.startswith("refused/bad.csv.reason")]
        written = [name for name in files if name.startswith("results/good.results")]
        assert reasons, number
        assert all(jobs.statuses(box.folder / name) == ["updated"] * 3 for name in written), number
        of_markers = [f"{folder}/{name}{marker}" for folder, name in (("done", "good"), ("refused", "bad"))]
        assert {*files} == {"done/good.csv", "refused/bad.csv", *reasons, *written, *of_markers}, number
    sent = Counter(json.loads(request.body)["clue_id"] for request in crm.requests if request.path.endswith("edit"))
    assert sent == dict.fromkeys((11, 12, 13), passes)
