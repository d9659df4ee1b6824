// Has no barrier: what is thrown in it leaves it.
#include <stdexcept>

#include "faulty.hpp"

namespace {

gantry_status handle(gantry_instance*, const gantry_call*, const gantry_request*, gantry_token,
                     uint32_t) {
  throw std::runtime_error("nobody catches this");
}
void session_closed(gantry_instance*, const gantry_call*, gantry_session) {}

constexpr gantry_request_handler handler = {sizeof handler, 1, routes, handle, session_closed};

}  // namespace

FAULTY_OFFER(Sound, GANTRY_CAP_REQUEST_HANDLER, "", handler);
