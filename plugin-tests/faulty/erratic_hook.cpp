// A put hook without a barrier: what becomes of a put is what its property DEED says. It throws when
// that says nothing it knows.
#include <poll.h>

#include <stdexcept>

#include "faulty.hpp"

namespace {

bool asks_for(const gantry_put& put, std::string_view deed) {
  const std::string pair = "DEED\x01" + std::string(deed);
  return sdk::view(sdk::record(put, 0).property_text).find(pair) != std::string_view::npos;
}

gantry_status before(gantry_instance*, const gantry_call* call, const gantry_put* put, gantry_put_edit*,
                     const gantry_put_editor*) {
  if (asks_for(*put, "none")) return GANTRY_OK;
  if (asks_for(*put, "fail")) return sdk::set_error(call->error, GANTRY_FAULT, "it could not");
  if (asks_for(*put, "dawdle")) {
    ::poll(nullptr, 0, 60);
    return GANTRY_OK;
  }
  throw std::runtime_error("nobody catches this");
}

constexpr gantry_str names[] = {sdk::str("DEED")};
constexpr gantry_put_hook hook = {sizeof hook, 1, names, before, nullptr};

}  // namespace

FAULTY_OFFER(Sound, GANTRY_CAP_PUT_HOOK, "", hook);
