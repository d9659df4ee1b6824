/* Its constructor crashes whoever opens it. */
#include "faulty.h"

__attribute__((constructor)) static void crash(void) { abort(); }

FAULTY(.flags = 0);
