/* Copies a field as if none were longer than a name. */
#include "faulty.h"

#define NAME_BYTES_MAX 255

static gantry_status handle(gantry_instance *self, const gantry_call *call,
                            const gantry_request *request, gantry_token token, uint32_t why) {
  for (uint32_t i = 0; i < request->field_count; ++i)
    if (request->fields[i].value.size > NAME_BYTES_MAX) abort(); /* the buffer would end here */
  return sound_handle(self, call, request, token, why);
}

FAULTY_HANDLER(handle, .flags = 0);
