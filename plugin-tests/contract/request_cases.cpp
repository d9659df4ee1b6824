// requests.h: answering, keeping, parking, waiting for marks, calling a door of the node.
#include "probe.hpp"

#include <algorithm>

namespace gantry::contract {
namespace {

using sdk::view;

const gantry_response& answer_in(const void* result) {
  return *static_cast<const gantry_response*>(result);
}

void expect_answer(Run& run, gantry_status status, const void* result, int32_t code,
                   std::string_view remark) {
  run.expect_status(status, GANTRY_OK, "requests.call");
  if (status != GANTRY_OK) return;
  run.expect(answer_in(result).code == code, "answered " + std::to_string(answer_in(result).code) +
                                                 ", expected " + std::to_string(code));
  if (!remark.empty())
    run.expect(view(answer_in(result).remark).find(remark) != std::string_view::npos,
               "the remark is " + std::string(view(answer_in(result).remark)));
}

// A request served by `act`, and the answer it must get.
void expect_act(Run& run, std::string_view what, int32_t code, std::string_view remark,
                std::function<void()> also = {}) {
  run.ask(what, "body", 60'000,
          [&run, code, remark, also](const gantry_call&, gantry_status status, const void* result) {
            expect_answer(run, status, result, code, remark);
            if (also) also();
            run.finish();
          });
}

void the_second_answer_is_ignored(Run& run, const gantry_call&) {
  expect_act(run, "answer twice", 0, "done", [&run] {
    run.expect_status(run.probe.second_answer, GANTRY_GONE, "a second answer");
  });
}

void a_handler_refuses_with_its_wire_code(Run& run, const gantry_call&) {
  expect_act(run, "refuse", 16, "not today");
}

void ok_without_an_answer_is_answered_1(Run& run, const gantry_call&) {
  expect_act(run, "say OK and nothing else", 1, "");
}

void an_answer_carries_a_buffer_away(Run& run, const gantry_call&) {
  run.ask("answer with a buffer", "", 60'000,
          [&run](const gantry_call&, gantry_status status, const void* result) {
            expect_answer(run, status, result, 0, "done");
            if (status == GANTRY_OK) {
              std::string body;
              for (uint32_t i = 0; i < answer_in(result).body_count; ++i) {
                const gantry_slice& slice = answer_in(result).body[i];
                body.append(reinterpret_cast<const char*>(slice.data), slice.size);
              }
              run.expect(body == "bytes", "the body is " + body);
            }
            run.finish();
          });
}

void a_kept_request_is_there_later(Run& run, const gantry_call&) {
  run.probe.kept_body.clear();
  expect_act(run, "keep", 0, "kept", [&run] {
    run.expect(run.probe.kept_body == "body", "the kept body is " + run.probe.kept_body);
    run.expect(run.probe.kept_field == "keep", "the kept field is " + run.probe.kept_field);
  });
}

// Large enough to be shared. Once the caller has given its own reference back, what is allocated
// next must not be the memory the request still reads.
void a_call_shares_the_buffer_and_leaves_the_callers_reference(Run& run, const gantry_call&) {
  constexpr uint64_t size = 20'000;
  const gantry_buffers& buffers = run.probe.buffers;
  const gantry_host* host = run.probe.host();
  const auto filled = [&](uint8_t with) {
    gantry_slice slice{};
    uint8_t* writable = nullptr;
    run.expect_status(buffers.reserve(host, size, &slice, &writable), GANTRY_OK, "reserve");
    if (writable) std::fill_n(writable, size, with);
    return slice;
  };
  run.probe.kept_body.clear();
  const gantry_slice body = filled('a');
  auto next = std::make_shared<gantry_slice>();
  run.ask("keep", body, 60'000,
          [&run, next](const gantry_call&, gantry_status status, const void* result) {
            expect_answer(run, status, result, 0, "kept");
            run.expect(run.probe.kept_body == std::string(size, 'a'), "the body is what was sent");
            run.probe.buffers.release(run.probe.host(), next->buffer);
            run.finish();
          });
  buffers.release(host, body.buffer);
  *next = filled('b');
}

void a_parked_request_runs_again_when_woken(Run& run, const gantry_call& call) {
  expect_act(run, "park", 0, "done", [&run] {
    run.expect(run.probe.whys == std::vector<uint32_t>{GANTRY_FIRST, GANTRY_WOKEN},
               "it runs first, then woken");
    run.expect(run.probe.kept_when_woken, "the request is the kept copy");
    run.expect_status(run.probe.requests.park(run.probe.host(), run.probe.token_of_act, 1) < 0, 1,
                      "parking an answered request fails");
  });
  // Once it is parked.
  run.probe.timer.arm(run.probe.host(), call.shard, 10,
                      run.on([&probe = run.probe](const gantry_call&, gantry_status, const void*) {
                        probe.requests.wake(probe.host(), probe.token_of_act);
                      }),
                      nullptr);
}

void a_parked_request_times_out(Run& run, const gantry_call&) {
  expect_act(run, "park shortly", 0, "done", [&run] {
    run.expect(run.probe.whys == std::vector<uint32_t>{GANTRY_FIRST, GANTRY_TIMED_OUT},
               "it runs first, then as timed out");
  });
}

void a_wake_between_park_and_return_is_not_lost(Run& run, const gantry_call&) {
  expect_act(run, "park and wake at once", 0, "done", [&run] {
    run.expect(run.probe.whys == std::vector<uint32_t>{GANTRY_FIRST, GANTRY_WOKEN},
               "it runs first, then woken");
  });
}

void an_answer_waits_for_marks(Run& run, const gantry_call& call) {
  run.append(call, run.probe.fresh_topic(call), "x");
  expect_act(run, "wait for a mark", 0, "done");
}

void the_lowest_missing_mark_picks_the_late_code(Run& run, const gantry_call&) {
  expect_act(run, "wait for a mark that never comes", 10, "");
}

void an_answer_after_the_time_limit_is_late(Run& run, const gantry_call&) {
  run.ask("stay silent", "", 20,
          [&run](const gantry_call&, gantry_status status, const void* result) {
            run.expect_status(status, GANTRY_BUSY, "requests.call past its time limit");
            run.expect(result == nullptr, "there is no result without OK");
            const gantry_response late = response(0, "late");
            run.expect_status(
                run.probe.requests.respond(run.probe.host(), run.probe.token_of_act, &late),
                GANTRY_GONE, "a late answer");
            run.finish();
          });
}

void an_unknown_door_is_gone(Run& run, const gantry_call&) {
  gantry_request request{};
  request.struct_size = sizeof request;
  request.code = act;
  const auto never = [&run](const gantry_call&, gantry_status, const void*) {
    run.expect(false, "a refused completion was called");
  };
  run.expect_status(run.probe.requests.call(run.probe.host(), sdk::str("no such door"), &request,
                                            1000, run.on(never)),
                    GANTRY_GONE, "call of an unknown door");
  run.finish();
}

void an_unknown_code_is_answered_3(Run& run, const gantry_call&) {
  gantry_request request{};
  request.struct_size = sizeof request;
  request.code = nobody_serves;
  gantry_value door{};
  run.probe.settings.get(run.probe.host(), sdk::str("door"), &door);
  const auto then = [&run](const gantry_call&, gantry_status status, const void* result) {
    expect_answer(run, status, result, 3, " request type 9199 not supported");
    run.finish();
  };
  run.probe.requests.call(run.probe.host(), door.as.s, &request, 1000, run.on(then));
}

}  // namespace

void add_request_cases(std::map<std::string_view, Case>& cases) {
  cases["the_second_answer_is_ignored"] = the_second_answer_is_ignored;
  cases["a_handler_refuses_with_its_wire_code"] = a_handler_refuses_with_its_wire_code;
  cases["ok_without_an_answer_is_answered_1"] = ok_without_an_answer_is_answered_1;
  cases["an_answer_carries_a_buffer_away"] = an_answer_carries_a_buffer_away;
  cases["a_kept_request_is_there_later"] = a_kept_request_is_there_later;
  cases["a_call_shares_the_buffer_and_leaves_the_callers_reference"] =
      a_call_shares_the_buffer_and_leaves_the_callers_reference;
  cases["a_parked_request_runs_again_when_woken"] = a_parked_request_runs_again_when_woken;
  cases["a_parked_request_times_out"] = a_parked_request_times_out;
  cases["a_wake_between_park_and_return_is_not_lost"] = a_wake_between_park_and_return_is_not_lost;
  cases["an_answer_waits_for_marks"] = an_answer_waits_for_marks;
  cases["the_lowest_missing_mark_picks_the_late_code"] =
      the_lowest_missing_mark_picks_the_late_code;
  cases["an_answer_after_the_time_limit_is_late"] = an_answer_after_the_time_limit_is_late;
  cases["an_unknown_door_is_gone"] = an_unknown_door_is_gone;
  cases["an_unknown_code_is_answered_3"] = an_unknown_code_is_answered_3;
}

}  // namespace gantry::contract
