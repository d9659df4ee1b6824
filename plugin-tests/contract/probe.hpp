// Probe: the module `contract_probe`, which tries what the ABI's headers promise from inside a
// host. A request of code run_case names a case in the field "case"; the answer is 0 and "pass", or
// 1 and what did not hold. Code act lets a case be its own client: the field "do" says how to serve
// it. One shard at a time uses it (cases run one after another).
#pragma once

#include <gantry/host/plugins.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "cpp/capabilities.hpp"
#include "cpp/module.hpp"

namespace gantry::contract {

constexpr int32_t run_case = 9100;
constexpr int32_t act = 9101;
constexpr int32_t nobody_serves = 9199;

class Run;

class Probe : public sdk::Module {
 public:
  explicit Probe(const gantry_host* host);
  ~Probe() override;

  gantry_status start(gantry_token) override;
  void stop() override;
  gantry_status handle(const gantry_call& call, const gantry_request& request, gantry_token token,
                       uint32_t why);
  void session_closed(const gantry_call&, gantry_session) {}

  const gantry_host* host() const { return host_.raw(); }
  std::unique_ptr<Run> take(const Run& run);
  std::string fresh_topic(const gantry_call& call);

  const gantry_timer& timer;
  const gantry_clock& clock;
  const gantry_logging& logging;
  const gantry_settings& settings;
  const gantry_buffers& buffers;
  const gantry_capabilities& capabilities;
  const gantry_requests& requests;
  const gantry_sessions& sessions;
  const gantry_peers& peers;
  const gantry_commitlog& commitlog;
  const gantry_plugins& plugins;

  // What start() found, where binding is allowed.
  gantry_status bind_of_nobody = GANTRY_OK;
  gantry_status bind_of_undeclared = GANTRY_OK;
  gantry_binding* metadata = nullptr;  // null: nobody offers it here
  gantry_binding* tags = nullptr;      // the filter named TAG; null: nobody offers one
  gantry_binding* topics = nullptr;    // these four: null when nobody offers them
  gantry_binding* groups = nullptr;
  gantry_binding* offsets = nullptr;
  gantry_binding* clients = nullptr;
  gantry_status bind_of_no_type = GANTRY_OK;
  gantry_status claim_of_durable = GANTRY_OK;  // with the setting `replicates`
  gantry_status claim_of_replicated = GANTRY_OK;
  gantry_status second_claim = GANTRY_OK;
  int64_t epoch = 0;  // the last one given

  // What the acts saw.
  gantry_token token_of_act = 0;
  std::vector<uint32_t> whys;
  gantry_status second_answer = GANTRY_OK;
  std::string kept_body;
  std::string kept_field;
  bool kept_when_woken = false;
  std::string noted;

 private:
  gantry_status serve_act(const gantry_call& call, const gantry_request& request,
                          gantry_token token, uint32_t why);
  gantry_status act_park(std::string_view what, gantry_token token);
  gantry_status act_keep(const gantry_call& call, gantry_token token);
  gantry_status act_wait(gantry_token token, int64_t log_end, uint32_t marks,
                         uint32_t timeout_ms = 20);
  gantry_status act_buffer(gantry_token token);
  gantry_status act_echo(const gantry_request& request, gantry_token token);
  std::vector<std::unique_ptr<Run>> runs_;
  uint64_t fresh_topics_ = 0;
};

// Run: one run of a case. Ends by finish(), which answers and destroys it.
class Run {
 public:
  using Then =
      std::function<void(const gantry_call& call, gantry_status status, const void* result)>;
  Run(Probe& probe, gantry_token token);
  ~Run();

  // Notes the first thing that does not hold.
  void expect(bool holds, std::string_view what);
  void expect_status(gantry_status got, gantry_status wanted, std::string_view what);
  void finish();

  // A completion that calls `then`; counts that it comes once.
  gantry_completion on(Then then);
  // Serves itself a request: code act, "do" = what.
  void ask(std::string_view what, std::string_view body, uint64_t timeout_ms, Then then);
  void ask(std::string_view what, const gantry_slice& body, uint64_t timeout_ms, Then then);
  gantry_put_result append(const gantry_call& call, std::string_view topic, std::string_view body,
                           uint32_t count = 1);
  // Whatever comes of it.
  gantry_status put_one(const gantry_call& call, std::string_view topic, std::string_view body = {},
                        gantry_put_result* result = nullptr);

  Probe& probe;

 private:
  struct Pending;
  gantry_token token_;
  std::string failure_;
  std::vector<std::unique_ptr<Pending>> pending_;
};

using Case = void (*)(Run& run, const gantry_call& call);
const std::map<std::string_view, Case>& cases();

std::string_view field(const gantry_request& request, std::string_view key);
std::string body_of(const gantry_request& request);
gantry_response response(int32_t code, std::string_view remark);

// One file each.
void add_timer_cases(std::map<std::string_view, Case>& cases);
void add_request_cases(std::map<std::string_view, Case>& cases);
void add_log_cases(std::map<std::string_view, Case>& cases);
void add_change_cases(std::map<std::string_view, Case>& cases);
void add_peer_cases(std::map<std::string_view, Case>& cases);
void add_plugin_cases(std::map<std::string_view, Case>& cases);
void add_small_cases(std::map<std::string_view, Case>& cases);
void add_messaging_cases(std::map<std::string_view, Case>& cases);
void add_filter_cases(std::map<std::string_view, Case>& cases);

}  // namespace gantry::contract
