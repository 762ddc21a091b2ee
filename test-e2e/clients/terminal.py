"""Uses `kubectl sandbox exec -it` in a pseudo-terminal as a person does, and fails loudly where it does not behave.

    terminal.py NAMESPACE SANDBOX           keys, sizes, signals
    terminal.py NAMESPACE SANDBOX survive   prints "ready", and goes on after a line of input: meanwhile the connection may be cut
    terminal.py NAMESPACE SANDBOX session   the shell of `kubectl sandbox attach`, which stays when its viewer leaves
"""

import fcntl
import hashlib
import os
import pty
import re
import select
import struct
import sys
import termios
import time

LIMIT = 60


class Terminal:
    """A command in a pseudo-terminal of this size."""

    def __init__(self, command, rows, columns):
        self.seen = b""
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.execvp(command[0], command)
        self.resize(rows, columns)

    def resize(self, rows, columns):
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def type(self, data):
        while data:
            ready, writable, _ = select.select([self.fd], [self.fd], [], LIMIT)
            if ready:
                self.read()
            if writable:
                data = data[os.write(self.fd, data[:4096]) :]

    def read(self):
        try:
            got = os.read(self.fd, 65536)
        except OSError:
            got = b""
        self.seen += got
        return got

    def expect(self, text):
        """Reads until text has come, and forgets everything up to it."""
        deadline = time.monotonic() + LIMIT
        while text not in self.seen:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([self.fd], [], [], left)[0] or not self.read():
                if text not in self.seen:
                    sys.exit(f"expected {text!r}, the terminal shows {self.seen[-2000:]!r}")
        self.seen = self.seen[self.seen.index(text) + len(text) :]

    def code(self):
        while self.read():
            pass
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


def check(what, found, expected):
    if found != expected:
        sys.exit(f"{what}: expected {expected!r}, got {found!r}")
    print(f"ok: {what}")


def survive(run):
    shell = run("sh", "-c", 'while read -r line; do echo "got $line"; done; exit 7')
    shell.type(b"before\n")
    shell.expect(b"got before")
    print("ready", flush=True)
    sys.stdin.readline()
    lines = [b"got line %d\r\n" % number for number in range(100)]
    for line in lines:
        shell.type(line.removeprefix(b"got ").replace(b"\r", b""))
    shell.type(b"\x04")
    code = shell.code()
    check("each line came back once, in order", re.findall(rb"got line \d+\r\n", shell.seen), lines)
    check("exit code", code, 7)
    print("ok: the terminal goes on, nothing lost or doubled")


def session(namespace, sandbox):
    def attach(*more):
        return Terminal(["kubectl", "sandbox", "attach", "-n", namespace, sandbox, *more], 33, 111)

    first = attach()
    first.type(b"X=kept; stty size; echo 'wri''tten'\n")
    first.expect(b"33 111")
    first.expect(b"written")
    print("ok: size of a new shell")
    second = attach()
    second.expect(b"--takeover")
    check("a second writer is refused; exit code", second.code(), 1)
    first.type(b"\r~.")
    check("~. leaves; exit code", first.code(), 0)

    again = attach()
    again.expect(b"written")
    again.type(b"echo $X a''gain\n")
    again.expect(b"kept again")
    print("ok: the shell and its screen are there again")
    taker = attach("--takeover")
    again.expect(b"taken over the keyboard")
    taker.type(b"echo 'ta''ken'\n")
    taker.expect(b"taken")
    again.expect(b"taken")
    print("ok: who takes over writes, the other one watches")
    os.kill(taker.pid, 9)
    taker.code()
    last = attach("--takeover")
    last.type(b"echo $X st''ill\n")
    last.expect(b"kept still")
    other = attach("--session", "other")
    other.type(b"echo \"[$X]\"; exit 3\n")
    other.expect(b"[]")
    check("another session is another shell; exit code", other.code(), 3)
    last.type(b"printf '\\033[?1049h'; printf 'full-scr''een'; printf '\\033[?1049l'; exit 5\n")
    last.expect(b"full-screen")
    check("exit ends the shell; exit code", last.code(), 5)
    if b"1049" in last.seen.replace(b"033[?1049", b""):
        sys.exit(f"the switch to the alternate screen is shown: {last.seen!r}")
    new = attach()
    new.type(b"echo \"<$X>\"; exit\n")
    new.expect(b"<>")
    check("the next one is new; exit code", new.code(), 0)


def main():
    namespace, sandbox = sys.argv[1:3]

    def run(*command):
        return Terminal(["kubectl", "sandbox", "exec", "-n", namespace, sandbox, "-it", "--", *command], 33, 111)

    if sys.argv[3:] == ["survive"]:
        survive(run)
        return
    if sys.argv[3:] == ["session"]:
        session(namespace, sandbox)
        return
    shell = run("sh", "-c", 'trap "stty size" WINCH; test -t 0 && stty size; while read -r line; do echo "got $line"; [ "$line" = size ] && stty size; done; exit 7')
    shell.expect(b"33 111")
    print("ok: size at the start")
    shell.type(b"hello\n")
    shell.expect(b"got hello")
    print("ok: input and output")
    shell.resize(44, 122)
    deadline = time.monotonic() + LIMIT
    while b"44 122" not in shell.seen and time.monotonic() < deadline:
        shell.type(b"size\n")
        shell.expect(b"got size")
        if select.select([shell.fd], [], [], 1)[0]:
            shell.read()
    shell.expect(b"44 122")
    print("ok: resize")
    shell.type(b"\x04")
    check("Ctrl-D ends input; exit code", shell.code(), 7)

    sleeper = run("sh", "-c", "echo begun; sleep 1000")
    sleeper.expect(b"begun")
    sleeper.type(b"\x03")
    check("Ctrl-C interrupts; exit code", sleeper.code(), 130)

    paste = os.urandom(1 << 20)
    reader = run("sh", "-c", f"stty raw -echo; echo ready; head -c {len(paste)} | sha256sum")
    reader.expect(b"ready")
    reader.type(paste)
    reader.expect(hashlib.sha256(paste).hexdigest().encode())
    check("a paste of 1 MiB is unchanged; exit code", reader.code(), 0)


main()
