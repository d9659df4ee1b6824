// A thread_local with a destructor keeps the library mapped as long as the thread lives.
#include <string>

#include "faulty.hpp"

namespace {

thread_local std::string last_started;

class Faulty : public sdk::Module {
 public:
  using Module::Module;
  gantry_status start(gantry_token) override {
    last_started = host_.name();
    return GANTRY_OK;
  }

  gantry_status handle(const gantry_call&, const gantry_request&, gantry_token token, uint32_t) {
    gantry_response response{};
    response.struct_size = sizeof response;
    host_.service<gantry_requests>(GANTRY_HOST_REQUESTS).respond(host_.raw(), token, &response);
    return GANTRY_OK;
  }
  void session_closed(const gantry_call&, gantry_session) {}
};

constexpr gantry_request_handler handler = sdk::request_handler<Faulty>(routes);

}  // namespace

FAULTY_OFFER(Faulty, GANTRY_CAP_REQUEST_HANDLER, "", handler);
