#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Drive a program at a real terminal.

    pty.py [--size ROWSxCOLS] [--timeout SECONDS] [-e STEP]... [FILE] -- COMMAND...

starts COMMAND as the leader of a session whose terminal is a new pty, and does
the steps of FILE (- is standard input) or of the -e options, one a line:

    expect REGEX        wait until the output after the last match has it
    never REGEX         the output so far has it nowhere
    send TEXT           type it; \\r \\n \\t \\e \\\\ and \\xNN as in C
    key ^C              type a control character
    resize 50x100       the window has another size now
    signal TERM         to the command
    signal-job TERM     to the foreground process group
    modes save          remember the modes of the terminal (stty)
    modes same          they are as they were
    modes raw | cooked  keys come at once, without signals; or are as after login
    hangup              close the terminal
    wait                wait for the command to end
    status N            as wait, and its status must be N, as shells count it
    sleep SECONDS

Every wait ends after --timeout seconds. What did not come is said with the end
of what did come, and the exit status is 1. At the end COMMAND is killed if need
be. As a module: see Terminal. Needs Python 3.7 and nothing else.
"""

import argparse
import errno
import fcntl
import os
import re
import select
import signal
import struct
import sys
import termios
import time


class Failure(Exception):
    """What should have been seen was not."""


def shell_status(wait_status):
    """The status that a shell would give."""
    if os.WIFSIGNALED(wait_status):
        return 128 + os.WTERMSIG(wait_status)
    return os.WEXITSTATUS(wait_status)


def printable(data):
    return data.decode("utf-8", "backslashreplace").replace("\x1b", "\\e")


class Terminal:
    """A command at a terminal of its own.

        with Terminal(["bash", "-i"]) as t:
            t.expect(r"\\$ ")
            t.send("exit 3\\r")
            assert t.wait() == 3

    prepare, if given, runs in the child just before exec. Without an env it gets
    ours, and a TERM that no line editor decorates its output for.
    """

    def __init__(self, argv, size=(24, 80), timeout=10, env=None, prepare=None):
        self.timeout = timeout
        self.output = bytearray()  # all of it
        self.seen = 0  # up to here expect() has consumed it
        self.status = None
        self.master, slave = os.openpty()
        self.name = os.ttyname(slave)
        self.resize(*size)
        self.pid = os.fork()
        if self.pid == 0:
            self._become(slave, argv, env, prepare)
        os.close(slave)
        os.set_blocking(self.master, False)

    @staticmethod
    def _become(slave, argv, env, prepare):
        try:
            os.setsid()
            fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
            for fd in range(3):
                os.dup2(slave, fd)
            for number in (signal.SIGPIPE, signal.SIGINT, signal.SIGXFSZ):
                signal.signal(number, signal.SIG_DFL)
            if prepare:
                prepare()
            os.execvpe(argv[0], argv, dict(os.environ, TERM="dumb") if env is None else env)
        except BaseException as error:  # nothing may return into the parent's code
            os.write(2, f"pty.py: cannot execute {argv[0]}: {error}\n".encode())
        os._exit(127)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def fail(self, text):
        raise Failure(f"{text}; the last it wrote:\n{printable(bytes(self.output[-800:]))}")

    # --- what comes out ---

    def read(self, seconds):
        """Wait for output, at most so long. False when there is none, or no more."""
        if self.master < 0:
            return False
        ready, _, _ = select.select([self.master], [], [], max(0, seconds))
        if not ready:
            return False
        try:
            data = os.read(self.master, 65536)
        except OSError as error:
            if error.errno in (errno.EIO, errno.EAGAIN):
                return False
            raise
        self.output += data
        return bool(data)

    def expect(self, pattern, timeout=None):
        """Wait for pattern in the output that no expect() has matched yet."""
        regex = re.compile(pattern.encode() if isinstance(pattern, str) else pattern, re.M)
        deadline = time.monotonic() + (timeout or self.timeout)
        while True:
            match = regex.search(self.output, self.seen)
            if match:
                self.seen = match.end()
                return match
            left = deadline - time.monotonic()
            if left <= 0:
                self.fail(f"timeout: no {pattern!r}")
            if not self.read(min(left, 0.1)) and self.poll() is not None:
                while self.read(0):
                    pass
                if not regex.search(self.output, self.seen):
                    self.fail(f"it ended with {self.status}, without {pattern!r}")

    def never(self, pattern, seconds=0):
        """pattern is not in the output, nor does it come within so many seconds."""
        self.drain(seconds)
        if re.search(pattern.encode(), self.output):
            self.fail(f"there is {pattern!r}")

    def drain(self, seconds):
        """Take what comes within so many seconds."""
        deadline = time.monotonic() + seconds
        while True:
            more = self.read(deadline - time.monotonic())
            if not more and time.monotonic() >= deadline:
                return
            if not more:
                time.sleep(0.01)

    # --- what goes in ---

    def send(self, text):
        data = text.encode() if isinstance(text, str) else text
        deadline = time.monotonic() + self.timeout
        while data:
            try:
                data = data[os.write(self.master, data) :]
            except BlockingIOError:
                if time.monotonic() > deadline:
                    self.fail("timeout: it takes no input")
                self.read(0.01)

    def key(self, name):
        """'^C' and the like."""
        self.send(bytes([ord(name[1].upper()) ^ 0x40]))

    def resize(self, rows, columns):
        size = struct.pack("HHHH", rows, columns, 0, 0)
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, size)

    def signal(self, number):
        os.kill(self.pid, number)

    def foreground(self):
        """The process group that has the keys."""
        return struct.unpack("i", fcntl.ioctl(self.master, termios.TIOCGPGRP, b"\0" * 4))[0]

    def hangup(self):
        os.close(self.master)
        self.master = -1

    # --- modes ---

    def modes(self):
        return termios.tcgetattr(self.master)

    def is_raw(self):
        flags = self.modes()[3]
        return not flags & (termios.ICANON | termios.ISIG | termios.ECHO)

    def until(self, condition, what):
        """Wait until condition() holds."""
        deadline = time.monotonic() + self.timeout
        while not condition():
            if time.monotonic() > deadline:
                self.fail(f"timeout: not {what}")
            self.read(0.02)

    # --- the end ---

    def poll(self):
        """The status of the command as shells count it, or None while it runs."""
        if self.status is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.status = shell_status(status)
        return self.status

    def wait(self, timeout=None):
        """Wait for the command, and take what it writes meanwhile."""
        deadline = time.monotonic() + (timeout or self.timeout)
        while self.poll() is None:
            if time.monotonic() > deadline:
                self.fail("timeout: it does not end")
            if not self.read(0.05):
                time.sleep(0.005)
        while self.read(0):
            pass
        return self.status

    def close(self):
        """End it. Closing the terminal hangs up everybody at it."""
        if self.poll() is None:
            os.kill(self.pid, signal.SIGKILL)
            self.status = shell_status(os.waitpid(self.pid, 0)[1])
        if self.master >= 0:
            self.hangup()


# --- the little language ---


def unescape(text):
    plain = {"r": "\r", "n": "\n", "t": "\t", "e": "\x1b", "\\": "\\"}

    def replace(match):
        word = match.group(1)
        return chr(int(word[1:], 16)) if word[0] == "x" else plain[word]

    return re.sub(r"\\(x[0-9a-fA-F]{2}|[rnte\\])", replace, text)


def parse_size(text):
    match = re.fullmatch(r"(\d+)x(\d+)", text)
    if not match:
        raise argparse.ArgumentTypeError(f"'{text}' is not ROWSxCOLUMNS")
    return int(match.group(1)), int(match.group(2))


def signal_number(name):
    return int(name) if name.isdigit() else getattr(signal, "SIG" + name)


class Script:
    """The steps of a script, each a method of its name."""

    def __init__(self, terminal):
        self.terminal = terminal
        self.saved = None

    def run(self, line):
        name, _, argument = line.partition(" ")
        method = getattr(self, "do_" + name.replace("-", "_"), None)
        if not method:
            raise Failure(f"unknown step '{name}'")
        method(argument)

    def do_expect(self, text):
        self.terminal.expect(text)

    def do_never(self, text):
        self.terminal.never(text)

    def do_send(self, text):
        self.terminal.send(unescape(text))

    def do_key(self, text):
        self.terminal.key(text)

    def do_resize(self, text):
        self.terminal.resize(*parse_size(text))

    def do_signal(self, text):
        self.terminal.signal(signal_number(text))

    def do_signal_job(self, text):
        os.killpg(self.terminal.foreground(), signal_number(text))

    def do_modes(self, text):
        terminal = self.terminal
        if text == "save":
            self.saved = terminal.modes()
        elif text == "same":
            terminal.until(lambda: terminal.modes() == self.saved, "the modes of before")
        elif text == "raw":
            terminal.until(terminal.is_raw, "in raw mode")
        elif text == "cooked":
            terminal.until(lambda: not terminal.is_raw(), "in cooked mode")
        else:
            raise Failure(f"modes '{text}' is not save, same, raw or cooked")

    def do_hangup(self, _):
        self.terminal.hangup()

    def do_wait(self, _):
        self.terminal.wait()

    def do_status(self, text):
        status = self.terminal.wait()
        if status != int(text):
            self.terminal.fail(f"status {status} is not {text}")

    def do_sleep(self, text):
        self.terminal.drain(float(text))


def run_steps(terminal, steps):
    script = Script(terminal)
    for number, line in enumerate(steps, 1):
        line = line.rstrip("\n")
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        try:
            script.run(line.lstrip())
        except Failure as failure:
            print(f"pty.py: step {number}, {line.strip()}: {failure}", file=sys.stderr)
            return 1
    return 0


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--size", type=parse_size, default=(24, 80))
    parser.add_argument("--timeout", type=float, default=10)
    parser.add_argument("-e", dest="steps", action="append", default=[])
    parser.add_argument("file", nargs="?")
    if "--" not in sys.argv:
        parser.error("-- COMMAND is missing")
    split = sys.argv.index("--")
    options = parser.parse_args(sys.argv[1:split])
    steps = options.steps
    if options.file:
        with open(0 if options.file == "-" else options.file) as file:
            steps = steps + file.readlines()
    with Terminal(sys.argv[split + 1 :], options.size, options.timeout) as terminal:
        return run_steps(terminal, steps)


if __name__ == "__main__":
    sys.exit(main())
