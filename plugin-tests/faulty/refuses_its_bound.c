/* Refuses a value that its bounds allow. */
#include "faulty.h"

static const gantry_setting setting = {.struct_size = sizeof setting,
                                       .kind = GANTRY_I64,
                                       .key = "size_max",
                                       .help = "How large it may be.",
                                       .fallback = {.kind = GANTRY_I64, .as = {.i = 5}},
                                       .least = {.kind = GANTRY_I64, .as = {.i = 1}},
                                       .most = {.kind = GANTRY_I64, .as = {.i = 10}}};
static const gantry_setting *const settings[] = {&setting};

static gantry_status create(const gantry_host *host, gantry_instance **out, gantry_error *error) {
  const gantry_settings *values = host->service(host, GANTRY_HOST_SETTINGS);
  gantry_value value;
  if (values->get(host, text("size_max"), &value) != GANTRY_OK || value.as.i == 10)
    return refuse(error, "size_max: ten is too much");
  return sound_create(host, out, error);
}

FAULTY(.setting_count = COUNT(settings), .settings = settings, .create = create);
