#include "probe.hpp"

#include <gantry/cap/clients.h>
#include <gantry/cap/groups.h>
#include <gantry/cap/offsets.h>
#include <gantry/cap/topics.h>

#include <algorithm>

namespace gantry::contract {

using sdk::str;
using sdk::view;

Probe::Probe(const gantry_host* host)
    : Module(host),
      timer(host_.service<gantry_timer>(GANTRY_HOST_TIMER)),
      clock(host_.service<gantry_clock>(GANTRY_HOST_CLOCK)),
      logging(host_.service<gantry_logging>(GANTRY_HOST_LOGGING)),
      settings(host_.service<gantry_settings>(GANTRY_HOST_SETTINGS)),
      buffers(host_.service<gantry_buffers>(GANTRY_HOST_BUFFERS)),
      capabilities(host_.service<gantry_capabilities>(GANTRY_HOST_CAPABILITIES)),
      requests(host_.service<gantry_requests>(GANTRY_HOST_REQUESTS)),
      sessions(host_.service<gantry_sessions>(GANTRY_HOST_SESSIONS)),
      peers(host_.service<gantry_peers>(GANTRY_HOST_PEERS)),
      commitlog(host_.service<gantry_commitlog>(GANTRY_HOST_COMMITLOG)),
      plugins(host_.service<gantry_plugins>(GANTRY_HOST_PLUGINS)) {}

Probe::~Probe() = default;

gantry_status Probe::start(gantry_token) {
  gantry_error error{};
  error.struct_size = sizeof error;
  gantry_binding* nobody = nullptr;
  bind_of_nobody =
      capabilities.bind(host(), "org.gantry.contract.nobody/0", str(""), &nobody, &error);
  bind_of_undeclared = capabilities.bind(host(), GANTRY_CAP_QUEUE_INDEX, str(""), &nobody, &error);
  const auto bind = [&](const char* id, gantry_binding*& out) {
    if (capabilities.bind(host(), id, str(""), &out, &error) != GANTRY_OK) out = nullptr;
  };
  bind(GANTRY_CAP_METADATA_STORE, metadata);
  bind(GANTRY_CAP_TOPICS, topics);
  bind(GANTRY_CAP_GROUPS, groups);
  bind(GANTRY_CAP_OFFSETS, offsets);
  bind(GANTRY_CAP_CLIENTS, clients);
  if (capabilities.bind(host(), GANTRY_CAP_FILTER, str("TAG"), &tags, &error) != GANTRY_OK)
    tags = nullptr;
  bind_of_no_type = capabilities.bind(host(), GANTRY_CAP_FILTER, str("NONE"), &nobody, &error);
  if (!host_.setting_bool("replicates")) return GANTRY_OK;
  claim_of_durable = commitlog.claim(host(), GANTRY_MARK_DURABLE);
  claim_of_replicated = commitlog.claim(host(), GANTRY_MARK_REPLICATED);
  second_claim = commitlog.claim(host(), GANTRY_MARK_REPLICATED);
  return GANTRY_OK;
}

void Probe::stop() {
  runs_.clear();
}

std::string Probe::fresh_topic(const gantry_call& call) {
  return "contract-" + std::to_string(call.now_ns) + "-" + std::to_string(++fresh_topics_);
}

gantry_status Probe::handle(const gantry_call& call, const gantry_request& request,
                            gantry_token token, uint32_t why) {
  if (request.code == act) return serve_act(call, request, token, why);
  const auto found = cases().find(field(request, "case"));
  if (found == cases().end())
    throw sdk::Refusal(GANTRY_INVALID, "case: " + std::string(field(request, "case")), 1);
  Run& run = *runs_.emplace_back(std::make_unique<Run>(*this, token));
  found->second(run, call);
  return GANTRY_PENDING;
}

std::unique_ptr<Run> Probe::take(const Run& run) {
  const auto at = std::find_if(runs_.begin(), runs_.end(),
                               [&](const auto& one) { return one.get() == &run; });
  std::unique_ptr<Run> out = std::move(*at);
  runs_.erase(at);
  return out;
}

// How the cases' own requests are served.
gantry_status Probe::serve_act(const gantry_call& call, const gantry_request& request,
                               gantry_token token, uint32_t why) {
  const std::string_view what = field(request, "do");
  whys.push_back(why);
  token_of_act = token;
  const gantry_response done = response(0, "done");
  if (why != GANTRY_FIRST) {
    kept_when_woken = request.body_count == 1 &&
                      view(gantry_bytes{request.body[0].data, request.body[0].size}) == "body";
    return requests.respond(host(), token, &done);
  }
  if (what == "answer twice") {
    requests.respond(host(), token, &done);
    second_answer = requests.respond(host(), token, &done);
    return GANTRY_OK;
  }
  if (what.starts_with("park")) return act_park(what, token);
  if (what == "keep") return act_keep(call, token);
  if (what == "wait for a mark") {
    const int64_t end = commitlog.mark(host(), GANTRY_MARK_VISIBLE);
    return act_wait(token, end, 1u << GANTRY_MARK_WRITTEN);
  }
  if (what == "wait for a mark that never comes") {
    const int64_t end = commitlog.mark(host(), GANTRY_MARK_APPENDED) + (1 << 20);
    return act_wait(token, end, 1u << GANTRY_MARK_DURABLE | 1u << GANTRY_MARK_REPLICATED);
  }
  if (what == "wait for the replicas") {
    const int64_t end = commitlog.mark(host(), GANTRY_MARK_APPENDED);
    return act_wait(token, end, 1u << GANTRY_MARK_REPLICATED, 10'000);
  }
  if (what == "answer with a buffer") return act_buffer(token);
  if (what == "refuse") throw sdk::Refusal(GANTRY_REFUSED, "not today", 16);
  if (what == "say OK and nothing else") return GANTRY_OK;
  if (what == "stay silent") return GANTRY_PENDING;
  if (what == "hang up") {
    sessions.close(host(), request.session, str("as asked"));
    return GANTRY_PENDING;
  }
  if (what == "note the body") noted = body_of(request);
  if (what == "note the body" || what == "echo") return act_echo(request, token);
  throw sdk::Refusal(GANTRY_INVALID, "do: " + std::string(what), 1);
}

// The body and the first field, as they came.
gantry_status Probe::act_echo(const gantry_request& request, gantry_token token) {
  gantry_response answer = response(0, "done");
  answer.fields = request.fields;
  answer.field_count = request.field_count;
  const std::string body = body_of(request);
  gantry_slice slice{};
  uint8_t* bytes = nullptr;
  if (!body.empty() && buffers.reserve(host(), body.size(), &slice, &bytes) == GANTRY_OK) {
    body.copy(reinterpret_cast<char*>(bytes), body.size());
    answer.body = &slice;
    answer.body_count = 1;
  }
  return requests.respond(host(), token, &answer);
}

gantry_status Probe::act_park(std::string_view what, gantry_token token) {
  const gantry_status parked = requests.park(host(), token, what == "park shortly" ? 20 : 60'000);
  if (what == "park and wake at once") requests.wake(host(), token);
  return parked == GANTRY_OK ? GANTRY_PENDING : parked;
}

gantry_status Probe::act_keep(const gantry_call& call, gantry_token token) {
  struct Later {
    Probe& probe;
    const gantry_request* kept;
    gantry_token token;
  };
  const gantry_request* kept = nullptr;
  const gantry_status status = requests.keep(host(), token, &kept);
  if (status != GANTRY_OK) return status;
  const auto job = [](void* context, const gantry_call*, gantry_status, const void*) {
    const std::unique_ptr<Later> self(static_cast<Later*>(context));
    Probe& probe = self->probe;
    probe.kept_field = field(*self->kept, "do");
    probe.kept_body += body_of(*self->kept);
    const gantry_response answer = response(0, "kept");
    probe.requests.respond(probe.host(), self->token, &answer);
  };
  timer.post(host(), call.shard, {job, new Later{*this, kept, token}});
  return GANTRY_PENDING;
}

gantry_status Probe::act_wait(gantry_token token, int64_t log_end, uint32_t marks,
                              uint32_t timeout_ms) {
  const int32_t late_codes[GANTRY_MARK_COUNT] = {0, 0, 10, 12, 0, 0};
  const gantry_response done = response(0, "done");
  const gantry_status status = requests.respond_after(host(), token, &done, log_end, marks, timeout_ms,
                                                      late_codes, GANTRY_MARK_COUNT);
  return status == GANTRY_OK ? GANTRY_PENDING : status;
}

gantry_status Probe::act_buffer(gantry_token token) {
  gantry_slice slice{};
  uint8_t* writable = nullptr;
  if (buffers.reserve(host(), 5, &slice, &writable) != GANTRY_OK) return GANTRY_BUSY;
  std::copy_n("bytes", 5, writable);
  gantry_response answer = response(0, "done");
  answer.body = &slice;
  answer.body_count = 1;
  return requests.respond(host(), token, &answer);
}

// ── Run

struct Run::Pending {
  Run* run;
  Then then;
  int count = 0;

  static void done(void* context, const gantry_call* call, gantry_status status,
                   const void* result) {
    auto& self = *static_cast<Pending*>(context);
    self.run->expect(++self.count == 1, "a completion came more than once");
    const Then then = self.then;  // it may finish the run, and with it this
    then(*call, status, result);
  }
};

Run::Run(Probe& of, gantry_token token) : probe(of), token_(token) {}

Run::~Run() = default;

gantry_completion Run::on(Then then) {
  auto& pending = *pending_.emplace_back(std::make_unique<Pending>(Pending{this, std::move(then)}));
  return {&Pending::done, &pending};
}

void Run::expect(bool holds, std::string_view what) {
  if (!holds && failure_.empty()) failure_ = what;
}

void Run::expect_status(gantry_status got, gantry_status wanted, std::string_view what) {
  expect(got == wanted, std::string(what) + ": status " + std::to_string(got) + ", expected " +
                            std::to_string(wanted));
}

void Run::finish() {
  // With the answer, the next case may begin on another shard: it has the probe to itself then.
  const std::unique_ptr<Run> self = probe.take(*this);
  const gantry_response answer = failure_.empty() ? response(0, "pass") : response(1, failure_);
  probe.requests.respond(probe.host(), token_, &answer);
}

void Run::ask(std::string_view what, std::string_view body, uint64_t timeout_ms, Then then) {
  ask(what, gantry_slice{sdk::bytes(body).data, body.size(), nullptr}, timeout_ms, std::move(then));
}

void Run::ask(std::string_view what, const gantry_slice& body, uint64_t timeout_ms, Then then) {
  const gantry_property fields[] = {{str("do"), str(what)}};
  gantry_request request{};
  request.struct_size = sizeof request;
  request.code = act;
  request.fields = fields;
  request.field_count = 1;
  request.body = &body;
  request.body_count = body.size == 0 ? 0 : 1;
  gantry_value door{};
  probe.settings.get(probe.host(), str("door"), &door);
  probe.whys.clear();
  const gantry_status status =
      probe.requests.call(probe.host(), door.as.s, &request, timeout_ms, on(std::move(then)));
  expect_status(status, GANTRY_OK, "requests.call of the probe's own door");
  if (status != GANTRY_OK) finish();
}

gantry_put_result Run::append(const gantry_call& call, std::string_view topic,
                              std::string_view body, uint32_t count) {
  static constexpr std::string_view host("\x7f\0\0\1\0\0\x2a\x9f", 8);
  static constexpr std::string_view properties("TAGS\1red\2KEYS\1k\2", 16);
  std::vector<gantry_message> records(count);
  for (gantry_message& record : records) {
    record.struct_size = sizeof record;
    record.topic = str(topic);
    record.body = sdk::bytes(body);
    record.property_text = str(properties);
    record.queue_id = 3;
    record.born_ms = call.now_ms;
    record.born_host = record.store_host = sdk::bytes(host);
  }
  gantry_put put{};
  put.struct_size = sizeof put;
  put.flags = GANTRY_PUT_NO_HOOKS;
  put.count = count;
  put.stride = sizeof(gantry_message);
  put.records = records.data();
  put.span = 1;
  gantry_put_result result{};
  result.struct_size = sizeof result;
  expect_status(probe.commitlog.append(probe.host(), &call, &put, &result), GANTRY_OK, "append");
  return result;
}

gantry_status Run::put_one(const gantry_call& call, std::string_view topic, std::string_view body,
                           gantry_put_result* result) {
  static constexpr std::string_view host("\x7f\0\0\1\0\0\x2a\x9f", 8);
  gantry_message record{};
  record.struct_size = sizeof record;
  record.topic = str(topic);
  record.body = sdk::bytes(body);
  record.born_host = record.store_host = sdk::bytes(host);
  gantry_put put{};
  put.struct_size = sizeof put;
  put.count = put.span = 1;
  put.stride = sizeof record;
  put.records = &record;
  gantry_put_result unseen{};
  if (!result) result = &unseen;
  result->struct_size = sizeof *result;
  return probe.commitlog.append(probe.host(), &call, &put, result);
}

// ── shared

std::string_view field(const gantry_request& request, std::string_view key) {
  for (uint32_t i = 0; i < request.field_count; ++i)
    if (view(request.fields[i].key) == key) return view(request.fields[i].value);
  return {};
}

std::string body_of(const gantry_request& request) {
  std::string out;
  for (uint32_t i = 0; i < request.body_count; ++i) {
    out.append(reinterpret_cast<const char*>(request.body[i].data), request.body[i].size);
  }
  return out;
}

gantry_response response(int32_t code, std::string_view remark) {
  gantry_response out{};
  out.struct_size = sizeof out;
  out.code = code;
  out.remark = str(remark);
  return out;
}

const std::map<std::string_view, Case>& cases() {
  static const auto all = [] {
    std::map<std::string_view, Case> out;
    add_timer_cases(out);
    add_request_cases(out);
    add_log_cases(out);
    add_change_cases(out);
    add_peer_cases(out);
    add_plugin_cases(out);
    add_small_cases(out);
    add_filter_cases(out);
    add_messaging_cases(out);
    return out;
  }();
  return all;
}

}  // namespace gantry::contract
