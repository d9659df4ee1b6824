/* Nothing is wrong with it: what the check finds in the others is their fault. */
#include "faulty.h"

FAULTY(.flags = 0);
