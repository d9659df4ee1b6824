/* Calls a function it hopes to find in the program that loads it. */
#include "faulty.h"

extern int gantry_of_the_node(void);

static void stop(gantry_instance *self) { (void)self, (void)gantry_of_the_node(); }

FAULTY(.stop = stop);
