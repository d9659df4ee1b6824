/* Linked without plugin.map: a second symbol leaves the library. */
#include "faulty.h"

__attribute__((visibility("default"))) int faulty_helper(void);
int faulty_helper(void) { return 1; }

FAULTY(.flags = 0);
