// deadly: answers request code 9300; dies of a bad address at 9301, of itself at 9302, never comes back
// from 9303, and overflows its stack at 9304.
#include <csignal>
#include <cstdlib>

#include "cpp/capabilities.hpp"

namespace gantry::deadly {
namespace {

constexpr int32_t answers = 9300;
constexpr int32_t bad_address = 9301;
constexpr int32_t gives_up = 9302;
constexpr int32_t never_returns = 9303;
constexpr int32_t overflows = 9304;

// One frame for each of `more`, and what is done behind the call keeps it one.
uint64_t descend(uint64_t more) {
  volatile uint64_t frame[64];
  frame[more % 64] = more;
  return more == 0 ? 0 : descend(more - 1) + frame[more % 64];
}

class Deadly final : public sdk::Module {
 public:
  explicit Deadly(const gantry_host* host)
      : Module(host), requests_(host_.service<gantry_requests>(GANTRY_HOST_REQUESTS)) {}

  gantry_status handle(const gantry_call&, const gantry_request& request, gantry_token token,
                       uint32_t) {
    if (request.code == bad_address) ::raise(SIGSEGV);
    if (request.code == gives_up) std::abort();
    if (request.code == overflows) static_cast<void>(descend(uint64_t{1} << 40));
    volatile bool for_ever = request.code == never_returns;
    while (for_ever) {
    }
    gantry_response response{};
    response.struct_size = sizeof response;
    static_cast<void>(requests_.respond(host_.raw(), token, &response));  // GONE: it hung up
    return GANTRY_OK;
  }
  void session_closed(const gantry_call&, gantry_session) {}

 private:
  const gantry_requests& requests_;
};

constexpr gantry_route table[] = {
    sdk::route(answers, GANTRY_ACCESS_NONE), sdk::route(bad_address, GANTRY_ACCESS_NONE),
    sdk::route(gives_up, GANTRY_ACCESS_NONE), sdk::route(never_returns, GANTRY_ACCESS_NONE),
    sdk::route(overflows, GANTRY_ACCESS_NONE)};
constexpr const gantry_route* routes[] = {&table[0], &table[1], &table[2], &table[3],
                                           &table[4]};
constexpr gantry_request_handler handler = sdk::request_handler<Deadly>(routes);
constexpr gantry_offer offer_handler = sdk::offer(GANTRY_CAP_REQUEST_HANDLER, "", &handler);
constexpr const gantry_offer* offers[] = {&offer_handler};
constexpr gantry_need need_requests = sdk::need(GANTRY_HOST_REQUESTS);
constexpr const gantry_need* needs[] = {&need_requests};
constexpr gantry_module module =
    sdk::module<Deadly>({.name = "deadly", .offers = offers, .needs = needs});
constexpr const gantry_module* modules[] = {&module};

}  // namespace
}  // namespace gantry::deadly

extern "C" const gantry_plugin gantry_plugin_v1 =
    gantry::sdk::plugin("org.gantry.deadly", "1.0", gantry::deadly::modules);
