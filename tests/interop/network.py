"""A network of a case's own, with nothing in it but loopback: every port is free there, also the one
that RocketMQ's examples name. Such a case runs in a `run` of its own, which begins in that network."""
import fcntl
import functools
import socket
import struct
import subprocess
import sys

# Also without privileges, where users may have namespaces; else with them.
WAYS = (["unshare", "--user", "--map-root-user", "--net"], ["unshare", "--net"])
SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP = 0x8913, 0x8914, 1
FLAGS = struct.Struct("16sh14x")


@functools.cache
def way():
    """(the words that begin a program in a network of its own, nothing), or (None, why not)."""
    why = ""
    for words in WAYS:
        try:
            run = subprocess.run([*words, sys.executable, __file__], capture_output=True, text=True)
        except FileNotFoundError:
            return None, "unshare is not installed"
        if run.returncode == 0:
            return words, ""
        why = why or f"{words[0]}: {run.stderr.strip().splitlines()[-1]}"
    return None, f"no network namespace can be made here: {why}"


def begin():
    """In it: loopback comes up."""
    with socket.socket() as any_socket:
        said = fcntl.ioctl(any_socket, SIOCGIFFLAGS, FLAGS.pack(b"lo", 0))
        name, flags = FLAGS.unpack(said)
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, FLAGS.pack(name, flags | IFF_UP))


if __name__ == "__main__":
    begin()
