/* Built for an ABI that does not exist yet. */
#define ABI_MAJOR GANTRY_ABI_MAJOR + 1
#include "faulty.h"

FAULTY(.flags = 0);
