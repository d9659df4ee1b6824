/* A route whose access is by field, without a field. */
#define ROUTE_ACCESS GANTRY_ACCESS_FIELD
#include "faulty.h"

FAULTY(.flags = 0);
