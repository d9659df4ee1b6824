/* A default its own bounds forbid. */
#include "faulty.h"

static const gantry_setting setting = {.struct_size = sizeof setting,
                                       .kind = GANTRY_I64,
                                       .key = "size_max",
                                       .help = "How large it may be.",
                                       .fallback = {.kind = GANTRY_I64, .as = {.i = 50}},
                                       .least = {.kind = GANTRY_I64, .as = {.i = 1}},
                                       .most = {.kind = GANTRY_I64, .as = {.i = 10}}};
static const gantry_setting *const settings[] = {&setting};

FAULTY(.setting_count = COUNT(settings), .settings = settings);
