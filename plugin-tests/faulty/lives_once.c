/* Keeps a mark outside its instance, so that it can be made once in a process. */
#include "faulty.h"

static int was_made;

static gantry_status create(const gantry_host *host, gantry_instance **out, gantry_error *error) {
  if (was_made++) return refuse(error, "it was made before");
  return sound_create(host, out, error);
}

FAULTY(.create = create);
