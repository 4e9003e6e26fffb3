"""Runs a command on a terminal of its own, and types an answer the moment that a question is shown.

Arguments: the question, the answer, and the command with its arguments. An answer "^C" is Ctrl-C.
Prints {"shown": "all that the terminal showed", "code": exit code} on standard output.
"""

import json
import os
import pty
import sys


def main():
    question, answer, *command = sys.argv[1:]
    child, terminal = pty.fork()
    if child == 0:
        os.execvp(command[0], command)
    shown = b""
    typed = False
    while True:
        try:
            piece = os.read(terminal, 4096)
        except OSError:  # Linux's way to say that the other end is closed.
            break
        if not piece:
            break
        shown += piece
        if not typed and question.encode() in shown:
            typed = True
            os.write(terminal, b"\x03" if answer == "^C" else answer.encode() + b"\r")
    _, status = os.waitpid(child, 0)
    print(json.dumps({"shown": shown.decode(), "code": os.waitstatus_to_exitcode(status)}))


main()
