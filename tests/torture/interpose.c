// interpose: preloaded into a node, it stands between the node and libc. It notes every write to a
// file, every device flush and every send on a socket, with the times of call and return, in a
// file the test maps too (GANTRY_INTERPOSE_FILE; interpose.py has the same layout). At the test's
// wish a flush of a log file fails, or says on one descriptor that it waits and waits for a byte on
// another. Any thread; lives as long as the process. Without its environment it does nothing.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))

enum { WRITE = 1, FLUSH = 2, RANGE = 3, MAP_FLUSH = 4, SEND = 5, IN_LOG = 256 };

struct event {
  uint64_t begin_ns;
  uint64_t end_ns;
  uint64_t position;      // WRITE, RANGE: in the file
  int64_t size;           // bytes; FLUSH: what the call returned
  _Atomic uint32_t kind;  // written last, with IN_LOG; 0 until the event is whole
  uint32_t port;          // SEND: of the peer
  char name[24];          // of the file, without its folders
};

struct control {
  uint32_t capacity;      // the test's
  _Atomic uint32_t hold;  // the test's: flushes of log files wait
  _Atomic uint32_t fail;  // the test's: so many next flushes of log files fail
  int32_t waiting_fd;     // a byte is written here when a flush begins to wait
  int32_t permit_fd;      // and one is read here to go on
  uint32_t reserved;
  _Atomic uint64_t count;  // events begun; more than `capacity` are lost
  uint64_t unused[4];
  struct event events[];
};

_Static_assert(sizeof(struct event) == 64, "interpose.py reads this layout");
_Static_assert(sizeof(struct control) == 64, "interpose.py reads this layout");

static struct control* control;

__attribute__((constructor)) static void map_control(void) {
  const char* path = getenv("GANTRY_INTERPOSE_FILE");
  if (!path) return;
  const int fd = open(path, O_RDWR | O_CLOEXEC);
  struct stat status;
  if (fd < 0 || fstat(fd, &status) != 0) abort();
  void* at = mmap(NULL, (size_t)status.st_size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (at == MAP_FAILED) abort();
  close(fd);
  control = at;
}

static uint64_t now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

// The slot is taken when the call begins, so events stand in the order of their begin.
static struct event* begin(struct event* spare) {
  struct event* event = spare;
  if (control) {
    const uint64_t slot = atomic_fetch_add(&control->count, 1);
    if (slot < control->capacity) event = &control->events[slot];
  }
  event->begin_ns = now_ns();
  return event;
}

static void end(struct event* event, uint32_t kind, int64_t size) {
  const int kept = errno;
  event->end_ns = now_ns();
  event->size = size;
  atomic_store_explicit(&event->kind, kind, memory_order_release);
  errno = kept;
}

// Fills `name`; IN_LOG when it is a file of the log.
static uint32_t describe(int fd, char name[24]) {
  char link[64];
  char path[4096];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  const ssize_t size = readlink(link, path, sizeof path - 1);
  path[size < 0 ? 0 : size] = 0;
  const char* last = strrchr(path, '/');
  strncpy(name, last ? last + 1 : path, 23);
  name[23] = 0;
  return strstr(path, "/commitlog/") ? IN_LOG : 0;
}

static int is_socket(int fd) {
  struct stat status;
  return fstat(fd, &status) == 0 && S_ISSOCK(status.st_mode);
}

static uint32_t peer_port(int fd) {
  struct sockaddr_in peer;
  socklen_t size = sizeof peer;
  if (getpeername(fd, (struct sockaddr*)&peer, &size) != 0) return 0;
  return peer.sin_family == AF_INET ? ntohs(peer.sin_port) : 0;
}

static void wait_for_permit(void) {
  char byte = 'w';
  if (write(control->waiting_fd, &byte, 1) != 1) abort();
  while (read(control->permit_fd, &byte, 1) < 0 && errno == EINTR) {
  }
}

static int take_failure(void) {
  uint32_t left = atomic_load(&control->fail);
  while (left > 0 && !atomic_compare_exchange_weak(&control->fail, &left, left - 1)) {
  }
  return left > 0;
}

// REAL(name): libc's own, found once.
#define REAL(type, name, ...)       \
  static type (*real)(__VA_ARGS__); \
  if (!real) *(void**)&real = dlsym(RTLD_NEXT, name);

static int flush(int fd, int (*real)(int)) {
  if (!control) return real(fd);
  struct event spare;
  struct event* event = begin(&spare);
  const uint32_t log = describe(fd, event->name);
  if (log && atomic_load(&control->hold)) wait_for_permit();
  int result = -1;
  if (log && take_failure()) {
    errno = EIO;
  } else {
    result = real(fd);
  }
  end(event, FLUSH | log, result);
  return result;
}

EXPORT int fdatasync(int fd) {
  REAL(int, "fdatasync", int)
  return flush(fd, real);
}

EXPORT int fsync(int fd) {
  REAL(int, "fsync", int)
  return flush(fd, real);
}

EXPORT int syncfs(int fd) {
  REAL(int, "syncfs", int)
  return flush(fd, real);
}

EXPORT int sync_file_range(int fd, off64_t from, off64_t size, unsigned flags) {
  REAL(int, "sync_file_range", int, off64_t, off64_t, unsigned)
  struct event spare;
  struct event* event = begin(&spare);
  const uint32_t log = describe(fd, event->name);
  event->position = (uint64_t)from;
  const int result = real(fd, from, size, flags);
  end(event, RANGE | log, size);
  return result;
}

EXPORT int msync(void* at, size_t size, int flags) {
  REAL(int, "msync", void*, size_t, int)
  struct event spare;
  struct event* event = begin(&spare);
  const int result = real(at, size, flags);
  end(event, MAP_FLUSH, result);
  return result;
}

EXPORT ssize_t pwrite64(int fd, const void* bytes, size_t size, off64_t position) {
  REAL(ssize_t, "pwrite64", int, const void*, size_t, off64_t)
  struct event spare;
  struct event* event = begin(&spare);
  const uint32_t log = describe(fd, event->name);
  event->position = (uint64_t)position;
  const ssize_t result = real(fd, bytes, size, position);
  end(event, WRITE | log, result);
  return result;
}

EXPORT ssize_t pwrite(int fd, const void* bytes, size_t size, off_t position) {
  return pwrite64(fd, bytes, size, position);
}

EXPORT ssize_t pwritev64(int fd, const struct iovec* parts, int count, off64_t position) {
  REAL(ssize_t, "pwritev64", int, const struct iovec*, int, off64_t)
  struct event spare;
  struct event* event = begin(&spare);
  const uint32_t log = describe(fd, event->name);
  event->position = (uint64_t)position;
  const ssize_t result = real(fd, parts, count, position);
  end(event, WRITE | log, result);
  return result;
}

EXPORT ssize_t pwritev(int fd, const struct iovec* parts, int count, off_t position) {
  return pwritev64(fd, parts, count, position);
}

EXPORT ssize_t send(int fd, const void* bytes, size_t size, int flags) {
  REAL(ssize_t, "send", int, const void*, size_t, int)
  struct event spare;
  struct event* event = begin(&spare);
  event->port = peer_port(fd);
  const ssize_t result = real(fd, bytes, size, flags);
  end(event, SEND, result);
  return result;
}

EXPORT ssize_t sendmsg(int fd, const struct msghdr* message, int flags) {
  REAL(ssize_t, "sendmsg", int, const struct msghdr*, int)
  struct event spare;
  struct event* event = begin(&spare);
  event->port = peer_port(fd);
  const ssize_t result = real(fd, message, flags);
  end(event, SEND, result);
  return result;
}

EXPORT ssize_t writev(int fd, const struct iovec* parts, int count) {
  REAL(ssize_t, "writev", int, const struct iovec*, int)
  if (!control || !is_socket(fd)) return real(fd, parts, count);
  struct event spare;
  struct event* event = begin(&spare);
  event->port = peer_port(fd);
  const ssize_t result = real(fd, parts, count);
  end(event, SEND, result);
  return result;
}

EXPORT ssize_t write(int fd, const void* bytes, size_t size) {
  REAL(ssize_t, "write", int, const void*, size_t)
  if (!control || !is_socket(fd)) return real(fd, bytes, size);
  struct event spare;
  struct event* event = begin(&spare);
  event->port = peer_port(fd);
  const ssize_t result = real(fd, bytes, size);
  end(event, SEND, result);
  return result;
}
