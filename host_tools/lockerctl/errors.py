"""What can go wrong for the user of a command: one exception, one table of exit codes."""

from enum import IntEnum


class Exit(IntEnum):
    """Stable exit codes; the README's table is checked against this one. 1 is left to crashes, 2
    to Typer's usage errors.
    """

    DONE = 0
    CRASH = 1
    USAGE = 2
    NOT_FOUND = 3
    REFUSED = 4
    REJECTED = 5
    NO_ANSWER = 6
    DAMAGED = 7
    UNFIT = 8


MEANING = {
    Exit.DONE: "done",
    Exit.CRASH: "a bug in lockerctl (a traceback follows)",
    Exit.USAGE: "the command line is wrong",
    Exit.NOT_FOUND: "no such station, door, fault, file or receipt",
    Exit.REFUSED: "lockerctl refuses: it would not work or would do harm",
    Exit.REJECTED: "the station got the command and said no",
    Exit.NO_ANSWER: "broker or station did not answer in time",
    Exit.DAMAGED: "a file of the store or of a station cannot be trusted; it was left as it is",
    Exit.UNFIT: "this computer lacks something (doctor)",
}


class ToolError(Exception):
    """A plain sentence for the user, what to do next, and the exit code. Never holds a secret."""

    def __init__(self, code: Exit, text: str, hint: str = "") -> None:
        super().__init__(text)
        self.code = code
        self.text = text
        self.hint = hint
