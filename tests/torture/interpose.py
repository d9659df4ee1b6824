"""The test's side of interpose.c: its file of events, and the strings a flush hangs on."""
import collections
import ctypes
import mmap
import os
import select
import struct

WRITE, FLUSH, RANGE, MAP_FLUSH, SEND = 1, 2, 3, 4, 5
WAIT_S = 30
EVENT = struct.Struct("=QQQqII24s")
IN_LOG = 256  # a bit of the kind: the file is one of the log's
Event = collections.namedtuple("Event", "begin_ns end_ns position size kind port name in_log")


class Control(ctypes.Structure):
    _fields_ = [("capacity", ctypes.c_uint32), ("hold", ctypes.c_uint32), ("fail", ctypes.c_uint32),
                ("waiting_fd", ctypes.c_int32), ("permit_fd", ctypes.c_int32),
                ("reserved", ctypes.c_uint32), ("count", ctypes.c_uint64),
                ("unused", ctypes.c_uint64 * 4)]


class Interposer:
    """One run of a node under interpose.so."""

    def __init__(self, folder, build, capacity=1 << 18):
        self.library = build / "lib" / "gantry" / "torture" / "interpose.so"
        self.path = folder / "interpose"
        size = ctypes.sizeof(Control) + capacity * EVENT.size
        with open(self.path, "w+b") as file:
            file.truncate(size)
            self.map = mmap.mmap(file.fileno(), size)
        self.control = Control.from_buffer(self.map)
        self.waiting, their_waiting = os.pipe()
        their_permit, self.permits = os.pipe()
        self.theirs = (their_waiting, their_permit)
        self.control.capacity = capacity
        self.control.waiting_fd, self.control.permit_fd = self.theirs

    def start(self, node):
        if not self.library.exists():
            raise AssertionError(f"{self.library} is not built")
        node.start({"LD_PRELOAD": str(self.library), "GANTRY_INTERPOSE_FILE": str(self.path)},
                   self.theirs)

    def hold(self):
        """From now on a flush of a log file waits for a permit."""
        self.control.hold = 1

    def wait_until_held(self):
        """Returns when one more flush waits."""
        heard, _, _ = select.select([self.waiting], [], [], WAIT_S)
        if not heard:
            raise AssertionError(f"no flush of a log file began in {WAIT_S} s")
        os.read(self.waiting, 1)

    def is_held(self):
        """Does a flush wait of which nobody has heard?"""
        return bool(select.select([self.waiting], [], [], 0)[0])

    def release(self):
        """Later flushes don't wait; one that waits still needs its permit."""
        self.control.hold = 0

    def permit(self):
        """One waiting flush goes on."""
        os.write(self.permits, b"p")

    def fail_next(self):
        """The next flush of a log file fails with EIO."""
        self.control.fail = 1

    def events(self):
        """All that are whole, in the order in which they began."""
        count = self.control.count
        if count > self.control.capacity:
            raise AssertionError(f"{count} events, room for {self.control.capacity}")
        for slot in range(count):
            at = ctypes.sizeof(Control) + slot * EVENT.size
            *fields, kind, port, name = EVENT.unpack_from(self.map, at)
            if kind:
                yield Event(*fields, kind & ~IN_LOG, port, name.rstrip(b"\0").decode(),
                            bool(kind & IN_LOG))

    def close(self):
        for end in (self.waiting, self.permits, *self.theirs):
            os.close(end)
        del self.control
        self.map.close()
