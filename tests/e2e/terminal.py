# SPDX-License-Identifier: LGPL-2.1-or-later
"""A box at a terminal, as a person meets it: terminal.sh [NAME...] runs the tests of that name.

Every test is a function; what it says in its first line is the name of a TAP
line. It fails by an exception.
"""

import inspect
import os
import shutil
import signal
import subprocess
import sys
import time
import traceback

from pty import Failure, Terminal

SANDBOX = os.path.abspath(os.environ.get("SANDBOX", "./sandbox"))
SLOW = int(os.environ.get("SANDBOX_TEST_SLOW", "1"))  # how many times longer things may take
TIMEOUT = 20 * SLOW
FLOOD_LINES = 1000000 // SLOW  # of 102 bytes as the terminal gets them

tests = []


class Skip(Exception):
    """A tool is missing."""


def test(function):
    tests.append(function)
    return function


def need(tool):
    if not shutil.which(tool):
        raise Skip(f"no {tool}")
    return tool


def equal(got, wanted, what="value"):
    if got != wanted:
        raise Failure(f"{what}: {got!r} is not {wanted!r}")


# --- ways to run a box -------------------------------------------------------


def box(*command, options=(), **keywords):
    """The launcher leads the session of the terminal."""
    return Terminal([SANDBOX, *options, "--", *command], timeout=TIMEOUT, **keywords)


class Held(Terminal):
    """As a script's command: the terminal outlives the launcher, and no job control mends it."""

    def __init__(self, *command, options=()):
        script = '"$@"; echo "rc=$?="; read -r wait'
        argv = ["sh", "-c", script, "sh", SANDBOX, *options, "--", *command]
        super().__init__(argv, timeout=TIMEOUT)

    def launcher(self):
        self.until(lambda: children(self.pid), "started")
        return children(self.pid)[0]

    def expect_status(self, status):
        equal(int(self.expect(r"rc=(\d+)=").group(1)), status, "status")


class Shell(Terminal):
    """An interactive bash, in which the launcher is a job."""

    def __init__(self):
        env = dict(os.environ, TERM="dumb", PS1="outer> ", SANDBOX=SANDBOX, HISTFILE="/dev/null")
        super().__init__(["bash", "--norc", "--noprofile", "-i"], env=env, timeout=TIMEOUT)
        self.expect("outer> ")

    def line(self, text):
        self.send(text + "\r")

    def modes_by_stty(self):
        self.line("echo modes=$(stty -g)=")
        modes = self.expect(r"modes=([0-9a-f:]+)=").group(1)
        self.expect("outer> ")
        return modes

    def status_of_last(self):
        self.line("echo rc=$?=")
        status = int(self.expect(r"rc=(\d+)=").group(1))
        self.expect("outer> ")
        return status

    def stop(self):
        """^Z. Not at once: dash is stuck for good when its child is stopped inside vfork()."""
        self.drain(0.3)
        self.key("^Z")
        self.expect("Stopped")

    def launcher(self):
        """The job in the foreground."""
        self.until(lambda: self.foreground() not in (0, self.pid), "a job in the foreground")
        return self.foreground()


def inner_bash(terminal):
    """Wait for the inner shell, and have it say something recognizable."""
    terminal.expect(r"bash.*[$#] ")
    terminal.send("PS1='in''ner> '\r")
    terminal.expect("inner> ")


# --- processes ---------------------------------------------------------------


def processes():
    """pid -> (parent, state, command line)"""
    found = {}
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{name}/stat") as file:
                state, parent = file.read().rpartition(")")[2].split()[:2]
            with open(f"/proc/{name}/cmdline") as file:
                found[int(name)] = int(parent), state, file.read().replace("\0", " ")
        except (FileNotFoundError, ProcessLookupError):
            pass
    return found


def children(pid):
    return sorted(p for p, (parent, _, _) in processes().items() if parent == pid)


def is_running(words):
    """Is there a process, other than the launcher, with this command line?"""
    return any(
        line.startswith(words) and state not in "ZX" for _, state, line in processes().values()
    )


def wait_gone(words, seconds=5):
    deadline = time.monotonic() + seconds
    while is_running(words):
        if time.monotonic() > deadline:
            raise Failure(f"'{words}' still runs")
        time.sleep(0.02)


# A length that no other process sleeps for.
NAP = f"sleep {86400 + os.getpid()}"


# --- what the terminal is ----------------------------------------------------


@test
def own_pty():
    """the program's terminal is a pty of the box's own"""
    script = "tty; stat -Lc dev=%d= /proc/self/fd/0; echo via >/dev/tty; stty size"
    with box("sh", "-c", script, size=(31, 97)) as t:
        host = os.stat(t.name).st_dev
        t.expect(r"^/dev/pts/\d+")
        inside = int(t.expect(r"dev=(\d+)=").group(1))
        t.expect("^via")
        t.expect("^31 97")
        equal(t.wait(), 0, "status")
    if inside == host:
        raise Failure("the program has a terminal of the host's devpts")


@test
def no_terminal_without_one():
    """without a terminal there is no /dev/tty, and --terminal=pty is refused"""
    keywords = {"stdin": subprocess.DEVNULL, "capture_output": True, "text": True}
    command = [SANDBOX, "--", "sh", "-c", "(: </dev/tty); tty"]
    done = subprocess.run(command, timeout=TIMEOUT, start_new_session=True, **keywords)
    if "No such device or address" not in done.stderr or "not a tty" not in done.stdout:
        raise Failure(f"unexpected: {done}")
    command = [SANDBOX, "--terminal=pty", "--", "true"]
    equal(subprocess.run(command, timeout=TIMEOUT, **keywords).returncode, 125, "status")


@test
def stuffing_is_refused():
    """TIOCSTI is refused, in a pty and on an inherited terminal"""
    script = 'my $c = "x"; ioctl(STDIN, 0x5412, $c) and print "done=\\n" or print "no=$!=\\n";'
    for mode in "pty", "inherit":
        with Held(need("perl"), "-e", script, options=[f"--terminal={mode}"]) as t:
            t.expect("no=Operation not permitted=")
            t.expect_status(0)
            equal(t.is_raw(), False, "raw mode")


@test
def interactive_shells():
    """interactive shells start, with job control, and give their status"""
    for shell in ["bash", "--norc"], ["zsh", "-f"], ["fish", "--no-config"]:
        if not shutil.which(shell[0]):
            print(f"# no {shell[0]}")
            continue
        with box(*shell, "-i") as t:
            t.send("echo a-$((6*7))-b\r" if shell[0] != "fish" else "echo a-(math 6 x 7)-b\r")
            t.expect("a-42-b")
            t.send("exit 3\r")
            equal(t.wait(), 3, f"status of {shell[0]}")
            t.never("no job control|cannot set terminal process group|Inappropriate ioctl")


# --- keys and signals --------------------------------------------------------


@test
def interrupt_key():
    """^C interrupts the inner foreground job alone, ^\\ too"""
    with box("bash", "--norc", "-i") as t:
        inner_bash(t)
        for key, status in ("^C", 130), ("^\\", 131):
            t.send("echo st''art; sleep 100\r")
            t.expect("^start")
            t.drain(0.3)
            t.key(key)
            t.expect("inner> ")
            t.send("echo rc=$?=\r")
            t.expect(f"rc={status}=")
        t.send("exit 7\r")
        equal(t.wait(), 7, "status")


@test
def interrupted_program():
    """^C ends a program that does not catch it, and the status says so"""
    with Held("sh", "-c", "echo go; exec sleep 100") as t:
        t.expect("^go")
        t.drain(0.2)
        t.key("^C")
        t.expect_status(130)


@test
def inner_job_control():
    """^Z, fg and bg work in a shell inside"""
    with box("bash", "--norc", "-i") as t:
        inner_bash(t)
        t.send("sleep 100\r")
        t.drain(0.3)
        t.key("^Z")
        t.expect("Stopped")
        t.expect("inner> ")
        t.send("fg\r")
        t.expect("^sleep 100")
        t.drain(0.2)
        t.key("^C")
        t.expect("inner> ")
        t.send("cat & sleep 0.3; jobs\r")  # a background job that reads
        t.expect("Stopped")
        t.send("kill -9 %1; sleep 0.3; jobs\r")
        t.expect("Killed")
        t.send("exit 0\r")
        equal(t.wait(), 0, "status")


@test
def window_size():
    """a new window size arrives, with its signal"""
    script = 'trap "stty size; exit 9" WINCH; echo ready; while :; do sleep 0.05; done'
    with box("sh", "-c", script) as t:
        t.expect("^ready")
        t.resize(41, 123)
        t.expect("^41 123")
        equal(t.wait(), 9, "status")


@test
def hang_up():
    """closing the terminal ends the box"""
    with box("sh", "-c", f"echo ready; exec {NAP}") as t:
        t.expect("^ready")
        t.hangup()
        equal(t.wait(5), 128 + signal.SIGHUP, "status")
    wait_gone(NAP)


# --- modes -------------------------------------------------------------------


def assert_restored(t, before):
    after = t.modes()
    if after != before:
        raise Failure(f"modes: before {before}, after {after}")


@test
def modes_after_exit():
    """modes are raw while it runs, and restored after an exit"""
    with Held("sh", "-c", "echo ready; read -r x; exit 5") as t:
        before = t.modes()
        t.expect("^ready")
        t.until(t.is_raw, "raw")
        t.send("\r")
        t.expect_status(5)
        assert_restored(t, before)


@test
def modes_after_term():
    """modes are restored after SIGTERM to the launcher"""
    with Held("sh", "-c", f"echo ready; exec {NAP}") as t:
        before = t.modes()
        t.expect("^ready")
        t.until(t.is_raw, "raw")
        os.kill(t.launcher(), signal.SIGTERM)
        t.expect_status(128 + signal.SIGTERM)
        assert_restored(t, before)
    wait_gone(NAP)


@test
def modes_after_kill():
    """modes are restored after SIGKILL of the program"""
    with Held("sh", "-c", "stty raw -echo; echo ready; kill -9 $$") as t:
        before = t.modes()
        t.expect_status(128 + signal.SIGKILL)
        assert_restored(t, before)


@test
def modes_after_kill_of_init():
    """modes are restored after SIGKILL of the box's pid 1"""
    with Held("sh", "-c", f"echo ready; exec {NAP}") as t:
        before = t.modes()
        t.expect("^ready")
        os.kill(children(t.launcher())[0], signal.SIGKILL)
        t.expect(r"rc=\d+=")
        assert_restored(t, before)
    wait_gone(NAP)


@test
def modes_after_crash():
    """modes are restored after a crash of the launcher, and the box ends"""
    with Held("sh", "-c", f"echo ready; exec {NAP}") as t:
        before = t.modes()
        t.expect("^ready")
        t.until(t.is_raw, "raw")
        os.kill(t.launcher(), signal.SIGSEGV)
        t.expect(r"rc=\d+=")
        assert_restored(t, before)
    wait_gone(NAP)


@test
def modes_after_refusal():
    """modes are restored when there is no such program"""
    with Held("no-such-program") as t:
        before = t.modes()
        t.expect(r"sandbox: .*no-such-program.*\r\n")
        t.expect_status(127)
        assert_restored(t, before)


# --- the launcher as a job ---------------------------------------------------


@test
def stop_and_continue():
    """^Z stops launcher and program together, fg continues both"""
    with Shell() as t:
        before = t.modes_by_stty()
        t.line('"$SANDBOX" -- cat')
        t.launcher()
        t.until(t.is_raw, "raw")
        t.send("one\r")
        t.expect(r"one\r\none\r\n")
        for word in "two", "three":
            t.stop()
            t.expect("outer> ")
            equal(t.modes_by_stty(), before, "modes while it is stopped")
            t.line("fg")
            t.launcher()
            t.send(word + "\r")
            t.expect(rf"{word}\r\n{word}\r\n")
        t.key("^D")
        t.expect("outer> ")
        equal(t.status_of_last(), 0, "status")
        equal(t.modes_by_stty(), before, "modes")


@test
def stop_and_continue_what_sheds_by_itself():
    """the same with limits, and with a capability: the program is cloned early there"""
    for options in "--memory=1G --on-unavailable=warn", "--cap-keep=sys_ptrace":
        with Shell() as t:
            t.line(f'"$SANDBOX" -q {options} -- cat')
            t.launcher()
            t.until(t.is_raw, "raw")
            t.send("one\r")
            t.expect(r"one\r\none\r\n")
            t.stop()
            t.expect("outer> ")
            t.line("fg")
            t.launcher()
            t.send("two\r")
            t.expect(r"two\r\ntwo\r\n")
            t.key("^D")
            t.expect("outer> ")
            equal(t.status_of_last(), 0, "status")


@test
def stopped_beyond_its_time():
    """a program that stops itself, and us, has no more time than others"""
    words = "sh", "-c", "while :; do kill -STOP $$; done"
    for terminal in "inherit", "pty":
        for grace in 0, 1:
            options = f"--terminal={terminal}", "--timeout=1", f"--stop-timeout={grace}"
            with Held(*words, options=options) as t:
                t.expect_status(124)


@test
def stop_and_resize():
    """a window size that changed while the box was stopped is there when it goes on"""
    with Shell() as t:
        t.line('"$SANDBOX" -- sh -c "echo rea""dy; read -r x; stty size; read -r x"')
        t.expect("ready")
        t.stop()
        t.resize(44, 99)
        t.line("fg")
        t.launcher()
        t.send("\r")
        t.expect("44 99")
        t.send("\r")
        t.expect("outer> ")


@test
def continue_in_background():
    """^Z and bg: it goes on without the terminal"""
    with Shell() as t:
        before = t.modes_by_stty()
        t.line('"$SANDBOX" -- sh -c "echo rea""dy; sleep 1; echo fini""shed; exit 6"')
        t.expect("ready")
        t.stop()
        t.expect("outer> ")
        t.line("bg")
        equal(t.modes_by_stty(), before, "modes while it is in the background")
        t.expect("finished")
        t.line("wait %1; echo rc=$?=")
        t.expect("rc=6=")
        equal(t.modes_by_stty(), before, "modes")


@test
def start_in_background():
    """started in the background it leaves the terminal alone, stops to read, and fg serves it"""
    with Shell() as t:
        before = t.modes_by_stty()
        t.line('"$SANDBOX" -- sh -c "echo rea""dy; cat" &')
        t.expect("ready")
        equal(t.modes_by_stty(), before, "modes")
        t.line("sleep 0.5; jobs")
        t.expect(r"Stopped.*\n.*outer> ")
        equal(t.modes_by_stty(), before, "modes when it is stopped")
        t.line("fg")
        t.launcher()
        t.send("word\r")
        t.expect(r"word\r\nword\r\n")
        t.key("^D")
        t.expect("outer> ")
        equal(t.status_of_last(), 0, "status")
        equal(t.modes_by_stty(), before, "modes")


@test
def suspended_shell():
    """a shell inside that suspends itself stops the launcher, and fg brings it back"""
    with Shell() as t:
        before = t.modes_by_stty()
        t.line('"$SANDBOX" -- bash --norc -i')
        inner_bash(t)
        for _ in range(2):
            t.line("suspend")
            t.expect("Stopped")
            t.expect("outer> ")
            equal(t.modes_by_stty(), before, "modes")
            t.line("fg")
            t.launcher()
            t.send("echo b''ack\r")
            t.expect("^back")
        t.send("exit 4\r")
        t.expect("outer> ")
        equal(t.status_of_last(), 4, "status")


@test
def stopped_from_outside():
    """SIGSTOP and SIGCONT for the launcher leave the inner foreground job where it is"""
    with Shell() as t:
        t.line('"$SANDBOX" -- bash --norc -i')
        inner_bash(t)
        t.send("cat\r")
        t.drain(0.3)
        for word in "one", "two":
            os.kill(t.launcher(), signal.SIGSTOP)
            t.expect("Stopped")
            t.expect("outer> ")
            t.line("fg")
            t.launcher()
            t.until(t.is_raw, "raw")
            t.send(word + "\r")
            t.expect(rf"{word}\r\n{word}\r\n")
        t.key("^D")
        t.expect("inner> ")
        t.send("exit 0\r")
        t.expect("outer> ")


@test
def stop_without_a_shell():
    """where no shell could continue it, ^Z stops nothing"""
    with Held("sh", "-c", "echo ready; exec cat") as t:
        t.expect("^ready")
        t.key("^Z")
        t.drain(0.2)
        t.send("word\r")
        t.expect(r"word\r\nword\r\n")
        t.key("^D")
        t.expect_status(0)


@test
def inherited_terminal():
    """--terminal=inherit: ^C and ^Z are the caller's own"""
    with Shell() as t:
        before = t.modes_by_stty()
        t.line('"$SANDBOX" --terminal=inherit -- sh -c "echo rea""dy; exec sleep 100"')
        t.expect("ready")
        t.stop()
        t.line("fg")
        t.launcher()
        t.key("^C")
        t.expect("outer> ")
        equal(t.status_of_last(), 130, "status")
        equal(t.modes_by_stty(), before, "modes")


# --- pipelines ---------------------------------------------------------------


@test
def keys_of_a_pipeline():
    """in a pipeline the keys stay with the program that reads them"""
    with Shell() as t:
        reader = "IFS= read -r key </dev/tty; echo key=$key=; cat"
        t.line(f'"$SANDBOX" -- sh -c "sleep 0.7; echo la""te" | sh -c \'{reader}\'')
        t.launcher()
        t.drain(0.3)
        t.send("hello\r")
        t.expect("key=hello=")
        t.expect("late")
        t.expect("outer> ")


@test
def pager():
    """less gets its keys: sandbox seq | less"""
    need("less")
    with Shell() as t:
        t.line('export TERM=xterm LESS=; "$SANDBOX" -- seq 5000 | less; TERM=dumb')
        t.expect(r"^23\b")
        t.send(" ")
        t.expect(r"^46\b")
        t.send("G")
        t.expect(r"^5000\b")
        t.send("q")
        t.expect("outer> ")


@test
def reading_in_a_pipeline():
    """a program whose output goes to a pipe can still read the terminal"""
    with Shell() as t:
        before = t.modes_by_stty()
        t.line("\"$SANDBOX\" -- sh -c 'read -r x; echo got=$x=; read -r x; echo got=$x=' | cat")
        t.launcher()
        t.drain(0.3)
        for word in "one", "two":
            t.send(word + "\r")
            t.expect(rf"got={word}=\r\n")  # the other program's newlines have their returns
        t.expect("outer> ")
        equal(t.modes_by_stty(), before, "modes")


@test
def password_in_a_pipeline():
    """so can one that turns the echo off for it"""
    script = "stty -echo </dev/tty; read -r x </dev/tty; stty echo </dev/tty; echo got=$x="
    with Shell() as t:
        before = t.modes_by_stty()
        t.line(f"\"$SANDBOX\" -- sh -c '{script}' | cat")
        t.launcher()
        t.until(t.is_raw, "raw")
        t.drain(0.3)
        start = len(t.output)
        t.send("secret\r")
        t.expect("got=secret=")
        equal(bytes(t.output[start:]).count(b"secret"), 1, "times it is to be seen")
        t.expect("outer> ")
        equal(t.modes_by_stty(), before, "modes")


@test
def early_reader():
    """a reader that has enough ends the program by SIGPIPE"""
    with Shell() as t:
        t.line('"$SANDBOX" -- yes | head -n 1; echo rc=${PIPESTATUS[0]}=')
        t.expect("rc=141=")


# --- input and output that are no terminal -----------------------------------

STDIO = (
    "</dev/null",
    "<&-",
    "<&- >&-",
    "<&- 2>&-",
    "<&- >&- 2>&-",
    "</dev/null >&-",
    "</dev/null >/dev/full",
    "</dev/null | cat",
    "<<<word",
    "< <(exit)",
    "< <(printf half)",
)


@test
def stdio_as_outside():
    """closed, empty, full and broken stdin, stdout, stderr: as without a box"""
    program = "cat; echo cat=$?; echo error >&2; (: <&0) && echo in; (: >&1) && echo out >&2"
    for redirections in STDIO:
        seen = []
        for launcher in "", SANDBOX + " -- ":
            script = f"{launcher}sh -c '{program}' {redirections}; echo rc=${{PIPESTATUS[0]}}="
            with Terminal(["bash", "-c", script], timeout=TIMEOUT) as t:
                t.wait()
                lines = bytes(t.output).replace(b"\r", b"").splitlines()
                seen.append(sorted(line for line in lines if not line.startswith(b"sandbox: ")))
        equal(seen[1], seen[0], f"output with {redirections}")


# --- quantity ----------------------------------------------------------------


def anonymous_memory(pid):
    with open(f"/proc/{pid}/status") as file:
        lines = [line for line in file if line.startswith("RssAnon")]  # a zombie has none
    return int(lines[0].split()[1]) if lines else 0


def take_flood(t, watch):
    """Compare all that comes with what should; the seconds that took, and the memory."""
    t.expect(r"^start\r\n")
    del t.output[: t.seen]
    wanted, line, first, most = b"", 1, 0, 0
    start = time.monotonic()
    while True:
        while t.output:
            if len(wanted) < len(t.output):
                wanted += b"".join(b"%0100d\r\n" % i for i in range(line, line + 2000))
                line += 2000
            size = min(len(wanted), len(t.output))
            if wanted[:size] != t.output[:size]:
                raise Failure(f"out of order near line {line}")
            wanted, t.output = wanted[size:], t.output[size:]
        if line - 1 >= FLOOD_LINES and not wanted:
            return time.monotonic() - start, most - first
        if time.monotonic() - start > 200 * SLOW or not t.read(TIMEOUT):
            raise Failure(f"the flood stops near line {line}")
        if watch and line % 20000 == 1:
            most = max(most, anonymous_memory(t.pid))
            first = first or most


@test
def flood():
    """100 MB arrive in order, in a few kB of memory"""
    command = ["sh", "-c", f"echo start; exec seq -f %0100.f 1 {FLOOD_LINES}"]
    with Terminal(command, timeout=TIMEOUT) as t:
        outside, _ = take_flood(t, False)
    with box(*command) as t:
        inside, memory = take_flood(t, True)
        equal(t.wait(), 0, "status")
    print(f"# {outside:.1f} s outside, {inside:.1f} s inside, {memory} kB more")
    if memory > 2048:
        raise Failure(f"{memory} kB more for a flood")


@test
def pasted():
    """a long text that is pasted arrives whole, though the program reads slowly"""
    lines = "".join(f"line {i} of a long text\r" for i in range(8000))
    script = "stty -echo; echo ready; sleep 0.5; cksum; exit 0"
    with box("sh", "-c", script) as t:
        t.expect("^ready")
        t.send(lines)
        t.key("^D")
        got = t.expect(r"^(\d+ \d+)").group(1).decode()
    wanted = subprocess.run(
        ["cksum"], input=lines.replace("\r", "\n"), capture_output=True, text=True, timeout=TIMEOUT
    ).stdout.strip()
    equal(got, wanted, "checksum and length")


# --- TAP ---------------------------------------------------------------------


def run(number, function):
    text = inspect.getdoc(function).splitlines()[0]
    text = f"{number} - {function.__name__}: {text}"
    try:
        function()
    except Skip as skip:
        print(f"ok {text} # SKIP {skip}", flush=True)
    except Exception as error:
        print(f"not ok {text}")
        lines = str(error) if isinstance(error, Failure) else traceback.format_exc()
        print("\n".join("# " + line for line in lines.splitlines()), flush=True)
        return False
    else:
        print(f"ok {text}", flush=True)
    return True


def main():
    wanted = sys.argv[1:]
    chosen = [t for t in tests if not wanted or t.__name__ in wanted]
    print(f"1..{len(chosen)}", flush=True)
    results = [run(number, function) for number, function in enumerate(chosen, 1)]
    sys.exit(0 if results and all(results) else 1)


main()
