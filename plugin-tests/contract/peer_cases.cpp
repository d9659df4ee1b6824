// peers.h: the node called by address. The probe dials its own door, and a port nobody listens on.
#include "probe.hpp"

namespace gantry::contract {
namespace {

using sdk::str;
using sdk::view;

constexpr uint64_t long_ms = 60'000;
constexpr std::string_view nobody = "127.0.0.1:1";  // the port of tcpmux, long extinct

std::string own_address(Run& run) {
  gantry_value door{};
  gantry_value address{};
  const gantry_settings& settings = run.probe.settings;
  run.expect_status(settings.get(run.probe.host(), str("door"), &door), GANTRY_OK, "door");
  const std::string key = "door." + std::string(view(door.as.s)) + ".advertise";
  run.expect_status(settings.get(run.probe.host(), str(key), &address), GANTRY_OK, key);
  return std::string(view(address.as.s));
}

// A request of code act on its way to a peer. Its body is in a buffer, which passes on.
struct Asked {
  Asked(Run& run, std::string_view what, std::string_view body) {
    if (!body.empty()) {
      uint8_t* bytes = nullptr;
      run.expect_status(
          run.probe.buffers.reserve(run.probe.host(), body.size(), &slice, &bytes), GANTRY_OK,
          "reserve");
      body.copy(reinterpret_cast<char*>(bytes), body.size());
    }
    fields[0] = {str("do"), str(what)};
    request.struct_size = sizeof request;
    request.code = act;
    request.fields = fields;
    request.field_count = 1;
    request.body = &slice;
    request.body_count = body.empty() ? 0 : 1;
  }
  Asked(const Asked&) = delete;
  Asked& operator=(const Asked&) = delete;

  gantry_property fields[1];
  gantry_slice slice{};
  gantry_request request{};
};

void ask(Run& run, std::string_view address, std::string_view what, std::string_view body,
         uint64_t timeout_ms, Run::Then then) {
  const Asked asked(run, what, body);
  const gantry_status status = run.probe.peers.request(run.probe.host(), str(address),
                                                       &asked.request, timeout_ms, run.on(then));
  run.expect_status(status, GANTRY_OK, "peers.request");
  if (status != GANTRY_OK) run.finish();
}

// It ends so, and says this much of why.
Run::Then ends(Run& run, gantry_status wanted, std::string reason) {
  return [&run, wanted, reason](const gantry_call& call, gantry_status status, const void* result) {
    run.expect_status(status, wanted, "the completion");
    run.expect(result == nullptr, "there is no result");
    run.expect(std::string_view(call.error->text).find(reason) != std::string_view::npos,
               "the reason is " + std::string(call.error->text));
    run.finish();
  };
}

void a_peer_answers_with_fields_and_body(Run& run, const gantry_call& call) {
  ask(run, own_address(run), "echo", "over a socket", long_ms,
      [&run, shard = call.shard](const gantry_call& back, gantry_status status,
                                 const void* result) {
        run.expect_status(status, GANTRY_OK, "the completion");
        run.expect(back.shard == shard, "it completes on the shard that asked");
        if (status == GANTRY_OK) {
          const auto& answer = *static_cast<const gantry_response*>(result);
          run.expect(answer.code == 0 && view(answer.remark) == "done", "code and remark");
          run.expect(answer.field_count == 1 && view(answer.fields[0].value) == "echo", "a field");
          run.expect(answer.body_count == 1 && view(gantry_bytes{answer.body[0].data,
                                                                 answer.body[0].size}) ==
                                                   "over a socket",
                     "the body");
        }
        run.finish();
      });
}

void a_peer_that_is_not_there_is_gone_with_a_reason(Run& run, const gantry_call&) {
  ask(run, nobody, "echo", "x", long_ms,
      ends(run, GANTRY_GONE, "no connection to 127.0.0.1:1: Connection refused"));
}

void a_silent_peer_is_busy_after_the_time_limit(Run& run, const gantry_call&) {
  // First an answer, so that there is a connection before the limit begins.
  ask(run, own_address(run), "echo", "", long_ms,
      [&run](const gantry_call&, gantry_status status, const void*) {
        run.expect_status(status, GANTRY_OK, "the first completion");
        ask(run, own_address(run), "stay silent", "", 20,
            ends(run, GANTRY_BUSY, "no answer in time"));
      });
}

void a_peer_that_hangs_up_fails_what_was_asked(Run& run, const gantry_call&) {
  const std::string address = own_address(run);
  ask(run, address, "hang up", "", long_ms,
      ends(run, GANTRY_GONE, address + ": closed by the other end"));
}

void a_notification_reaches_a_peer_before_what_is_asked_next(Run& run, const gantry_call&) {
  const std::string address = own_address(run);
  run.probe.noted.clear();
  const Asked note(run, "note the body", "first");
  run.expect_status(run.probe.peers.notify(run.probe.host(), str(address), &note.request),
                    GANTRY_OK, "peers.notify");
  ask(run, address, "echo", "", long_ms,
      [&run](const gantry_call&, gantry_status status, const void*) {
        run.expect_status(status, GANTRY_OK, "the completion");
        run.expect(run.probe.noted == "first", "it had noted " + run.probe.noted);
        run.finish();
      });
}

void a_text_that_is_no_address_is_invalid(Run& run, const gantry_call&) {
  const gantry_peers& peers = run.probe.peers;
  const gantry_host* host = run.probe.host();
  for (const char* text : {"", "host", ":1", "host:", "::1:9876", "host:0", "host:65536"}) {
    const Asked asked(run, "echo", "its buffer is taken over all the same");
    const gantry_completion never{nullptr, nullptr};
    run.expect_status(peers.request(host, str(text), &asked.request, 1'000, never), GANTRY_INVALID,
                      "peers.request to " + std::string(text));
    const Asked told(run, "echo", "likewise");
    run.expect_status(peers.notify(host, str(text), &told.request), GANTRY_INVALID,
                      "peers.notify to " + std::string(text));
  }
  const Asked asked(run, "echo", "likewise");
  run.expect_status(
      peers.request(host, str(nobody), &asked.request, 0, gantry_completion{nullptr, nullptr}),
      GANTRY_INVALID, "a time limit of 0");
  run.finish();
}

}  // namespace

void add_peer_cases(std::map<std::string_view, Case>& cases) {
  cases["a_peer_answers_with_fields_and_body"] = a_peer_answers_with_fields_and_body;
  cases["a_peer_that_is_not_there_is_gone_with_a_reason"] =
      a_peer_that_is_not_there_is_gone_with_a_reason;
  cases["a_silent_peer_is_busy_after_the_time_limit"] = a_silent_peer_is_busy_after_the_time_limit;
  cases["a_peer_that_hangs_up_fails_what_was_asked"] = a_peer_that_hangs_up_fails_what_was_asked;
  cases["a_notification_reaches_a_peer_before_what_is_asked_next"] =
      a_notification_reaches_a_peer_before_what_is_asked_next;
  cases["a_text_that_is_no_address_is_invalid"] = a_text_that_is_no_address_is_invalid;
}

}  // namespace gantry::contract
