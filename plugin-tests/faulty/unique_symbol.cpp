// Built with default visibility and without plugin.map: the static of an inline function is unique
// in the process, and its library is never unmapped.
#include "faulty.hpp"

namespace faulty {

inline int& count() {
  static int counted = 0;
  return counted;
}

}  // namespace faulty

namespace {

class Faulty : public sdk::Module {
 public:
  using Module::Module;

  gantry_status handle(const gantry_call&, const gantry_request&, gantry_token token, uint32_t) {
    gantry_response response{};
    response.struct_size = sizeof response;
    response.code = ++faulty::count();
    host_.service<gantry_requests>(GANTRY_HOST_REQUESTS).respond(host_.raw(), token, &response);
    return GANTRY_OK;
  }
  void session_closed(const gantry_call&, gantry_session) {}
};

constexpr gantry_request_handler handler = sdk::request_handler<Faulty>(routes);

}  // namespace

FAULTY_OFFER(Faulty, GANTRY_CAP_REQUEST_HANDLER, "", handler);
