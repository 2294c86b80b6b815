"""The process that reads workbooks: for each one it is sent, a child of its own, bounded in memory and time.

Workbooks are archives of XML that any program may have written; the libraries that read them can be made to fill the
memory, to run for hours or to abort. A child that dies takes nobody with it. Questions come on standard
input, answers, JSON, go to standard output.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import sys

from pipelines.workbook.frames import read_frame, write_frame
from pipelines.workbook.kinds import read_kind
from pipelines.workbook.sheet import RefusedWorkbook

MOST_MEMORY, MOST_SECONDS = 1_000_000_000, 8


def main() -> None:
    sent, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints is no answer
    while content := read_frame(sent):
        write_frame(answers, _read_in_child(content))


def _read_in_child(content: bytes) -> bytes:
    """The child's answer, or that it died of too much."""
    ours, theirs = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(ours)
        _answer_and_end(content, theirs)
    os.close(theirs)
    with os.fdopen(ours, "rb") as stream:
        answer = stream.read()
    _, status = os.waitpid(child, 0)
    return answer if status == 0 else json.dumps({"refused": "too_heavy_workbook", "context": {}}).encode()


def _answer_and_end(content: bytes, out: int) -> None:
    signal.alarm(MOST_SECONDS)
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # what a library says of a file may hold cells of it
    status = 1
    try:
        answer = json.dumps(_read(content)).encode()
        with os.fdopen(out, "wb") as stream:
            stream.write(answer)
        status = 0
    finally:
        os._exit(status)


def _read(content: bytes) -> dict[str, object]:
    try:
        kind, sheets = read_kind(content)
    except RefusedWorkbook as refusal:
        return {"refused": refusal.code, "context": refusal.context}
    parts = [(one.name, one.rows, one.notes, one.hidden_lines, one.is_hidden) for one in sheets]
    return {"kind": kind, "sheets": parts}


if __name__ == "__main__":
    main()
