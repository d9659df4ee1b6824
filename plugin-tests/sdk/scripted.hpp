// Scripted: a module whose every step is a function of the test, found by the instance's name. Only
// a test may do so: a real module keeps no state outside its instance.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "cpp/capabilities.hpp"
#include "cpp/fake/host.hpp"
#include "cpp/module.hpp"

namespace gantry::sdk::testing {

class Scripted;

struct Script {
  std::function<void(const gantry_host*)> create;
  std::function<gantry_status(Scripted&, gantry_token)> start;
  std::function<gantry_status(Scripted&, gantry_token)> drain;
  std::function<void(Scripted&)> stop;
  std::function<gantry_status(Scripted&, const gantry_call&, const gantry_request&, gantry_token,
                              uint32_t why)>
      handle;
  std::function<void(gantry_session)> session_closed;
  // As a log consumer.
  int64_t position = 0;
  std::vector<std::string> consumed;  // bodies
  std::vector<size_t> batches;
  std::vector<int64_t> live;
  std::vector<int64_t> truncated;
  std::function<gantry_status(const gantry_batch&, uint32_t& consumed)> consume;
  std::function<int64_t(int64_t stable)> persist;
};

// By instance name; lives as long as the test case.
class Scripts {
 public:
  Scripts() { current() = this; }
  ~Scripts() { current() = nullptr; }
  Script& operator[](const std::string& instance) { return scripts_[instance]; }
  static Script& of(std::string_view instance) { return (*current())[std::string(instance)]; }
  std::vector<std::string> events;  // what happened, in order
  static std::vector<std::string>& log() { return current()->events; }

 private:
  static Scripts*& current() {
    static Scripts* scripts = nullptr;
    return scripts;
  }
  std::map<std::string, Script> scripts_;
};

class Scripted : public Module {
 public:
  explicit Scripted(const gantry_host* host) : Module(host), script(Scripts::of(host_.name())) {
    note("create");
    if (script.create) script.create(host);
  }
  ~Scripted() override { note("destroy"); }
  gantry_status start(gantry_token token) override {
    note("start");
    return script.start ? script.start(*this, token) : GANTRY_OK;
  }
  gantry_status drain(gantry_token token) override {
    note("drain");
    return script.drain ? script.drain(*this, token) : GANTRY_OK;
  }
  void stop() override {
    note("stop");
    if (script.stop) script.stop(*this);
  }
  gantry_status handle(const gantry_call& call, const gantry_request& request, gantry_token token,
                       uint32_t why) {
    return script.handle(*this, call, request, token, why);
  }
  void session_closed(const gantry_call&, gantry_session session) {
    if (script.session_closed) script.session_closed(session);
  }

  int64_t position() { return script.position; }
  void live(int64_t offset) { script.live.push_back(offset); }
  void truncate(int64_t offset) { script.truncated.push_back(offset); }
  gantry_status consume(const gantry_call&, const gantry_batch& batch, uint32_t& consumed) {
    note("consume");
    if (script.consume) return script.consume(batch, consumed);
    script.batches.push_back(batch.count);
    for (consumed = 0; consumed < batch.count; ++consumed)
      script.consumed.emplace_back(view(batch.first[consumed].body));
    return GANTRY_OK;
  }
  int64_t persist(const gantry_call&, int64_t stable) {
    return script.persist ? script.persist(stable) : stable;
  }

  const gantry_host* raw() const { return host_.raw(); }
  const Host& host() const { return host_; }
  template <class Table>
  const Table& service(const char* id) const {
    return host_.service<Table>(id);
  }
  gantry_status respond(gantry_token token, int32_t code = 0) {
    gantry_response response{};
    response.struct_size = sizeof response;
    response.code = code;
    return service<gantry_requests>(GANTRY_HOST_REQUESTS).respond(raw(), token, &response);
  }

 private:
  void note(const char* what) { Scripts::log().push_back(std::string(host_.name()) + " " + what); }
  Script& script;
};

// Modules: "handler" (codes 1 and 2), "index" (log consumer, inline), "wake" (log consumer behind
// the index), "provider" (offers test.thing/0), "user" (needs it), "named" (has a required
// setting), "rooted".
extern const gantry_plugin scripted_plugin;

}  // namespace gantry::sdk::testing
