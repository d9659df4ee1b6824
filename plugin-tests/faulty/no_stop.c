/* A function of its life is null. */
#include "faulty.h"

FAULTY(.stop = NULL);
