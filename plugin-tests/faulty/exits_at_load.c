/* Its constructor ends the process as if all were well. */
#include "faulty.h"

__attribute__((constructor)) static void leave(void) { exit(EXIT_SUCCESS); }

FAULTY(.flags = 0);
