/* Takes it for impossible that somebody else has its lock file. */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "faulty.h"

static void lock_path(const gantry_instance *self, char *path, size_t size) {
  snprintf(path, size, "%s/lock", self->host->data_dir.data);
}

static gantry_status start(gantry_instance *self, gantry_token ready, gantry_error *error) {
  (void)ready, (void)error;
  char path[4096];
  lock_path(self, path, sizeof path);
  const int lock = open(path, O_CREAT | O_EXCL | O_RDWR, 0600);
  if (lock < 0) abort();
  close(lock);
  return GANTRY_OK;
}

static void stop(gantry_instance *self) {
  char path[4096];
  lock_path(self, path, sizeof path);
  unlink(path);
}

FAULTY(.start = start, .stop = stop);
