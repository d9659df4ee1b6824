// commitlog.h: REPLICATED and its owner, roles, raw records, cuts, trims. For a probe that was told to
// replicate; each case leaves a log that leads.
#include "probe.hpp"

namespace gantry::contract {
namespace {

using sdk::view;

constexpr uint32_t bit(uint32_t mark) {
  return 1u << mark;
}
constexpr size_t number_at = 20;  // of a record: its queue offset
constexpr size_t place_at = 28;   // and its log offset, both big-endian

using Next = std::function<void(const gantry_call&)>;

void store(std::vector<uint8_t>& record, size_t at, int64_t value) {
  for (size_t i = 0; i < 8; ++i)
    record[at + i] = static_cast<uint8_t>(static_cast<uint64_t>(value) >> (56 - 8 * i));
}

// Goes on if the completion brings `wanted`; else the case is over.
gantry_completion expecting(Run& run, gantry_status wanted, std::string_view what, Next next) {
  return run.on([&run, wanted, what, next](const gantry_call& call, gantry_status status,
                                           const void*) {
    run.expect_status(status, wanted, what);
    if (status != wanted) return run.finish();
    next(call);
  });
}

void when(Run& run, const gantry_call& call, uint32_t mark, int64_t log_end, Next next) {
  run.probe.commitlog.await(run.probe.host(), &call, log_end, bit(mark), 10'000,
                            expecting(run, GANTRY_OK, "await", std::move(next)));
}

void follow(Run& run, const gantry_call& call, Next next) {
  const gantry_status status =
      run.probe.commitlog.follow(run.probe.host(), &call, ++run.probe.epoch,
                                 expecting(run, GANTRY_OK, "follow", std::move(next)));
  run.expect_status(status, GANTRY_OK, "follow is taken");
}

void lead(Run& run, const gantry_call& call, Next next) {
  const gantry_status status =
      run.probe.commitlog.lead(run.probe.host(), &call, ++run.probe.epoch,
                               expecting(run, GANTRY_OK, "lead", std::move(next)));
  run.expect_status(status, GANTRY_OK, "lead is taken");
}

void truncate(Run& run, const gantry_call& call, int64_t log_end, gantry_status wanted,
              Next next) {
  const gantry_status status =
      run.probe.commitlog.truncate(run.probe.host(), &call, log_end,
                                   expecting(run, wanted, "truncate", std::move(next)));
  run.expect_status(status, GANTRY_OK, "truncate is taken");
}

// A log that was cut, or is filled fast, may still make room: BUSY is tried again.
void append_soon(Run& run, const gantry_call& call, const std::string& topic,
                 const std::string& body,
                 std::function<void(const gantry_call&, const gantry_put_result&)> next) {
  gantry_put_result put{};
  const gantry_status status = run.put_one(call, topic, body, &put);
  if (status == GANTRY_OK) return next(call, put);
  run.expect_status(status, GANTRY_BUSY, "append");
  if (status != GANTRY_BUSY) return run.finish();
  run.probe.timer.arm(run.probe.host(), call.shard, 5,
                      run.on([=, &run](const gantry_call& now, gantry_status, const void*) {
                        append_soon(run, now, topic, body, next);
                      }),
                      nullptr);
}

// The record behind `put`, which was its queue's first, as another log would go on.
std::vector<uint8_t> next_record(Run& run, const gantry_put_result& put) {
  gantry_slice slice{};
  const auto size = static_cast<uint64_t>(put.log_end - put.log_begin);
  const gantry_status status =
      run.probe.commitlog.read(run.probe.host(), put.log_begin, size, 0, &slice);
  run.expect_status(status, GANTRY_OK, "read");
  if (status != GANTRY_OK) return std::vector<uint8_t>(size);
  std::vector<uint8_t> record(slice.data, slice.data + slice.size);
  run.probe.buffers.release(run.probe.host(), slice.buffer);
  store(record, number_at, 1);
  store(record, place_at, put.log_end);
  return record;
}

gantry_status append_raw(Run& run, const gantry_call& call, int64_t at,
                         const std::vector<uint8_t>& records) {
  return run.probe.commitlog.append_raw(run.probe.host(), &call, at,
                                        {records.data(), records.size()});
}

// A log of one more record that follows another; `next` gets that record's end and the one behind.
void follow_with_raw(Run& run, const gantry_call& call, const std::string& topic,
                     std::function<void(const gantry_call&, int64_t first, int64_t second)> next) {
  append_soon(run, call, topic, "first", [=, &run](const gantry_call& appended, const auto& put) {
    when(run, appended, GANTRY_MARK_VISIBLE, put.log_end, [=, &run](const gantry_call& visible) {
      const std::vector<uint8_t> record = next_record(run, put);
      follow(run, visible, [=, &run](const gantry_call& now) {
        run.expect_status(append_raw(run, now, put.log_end, record), GANTRY_OK, "append_raw");
        const int64_t end = put.log_end + static_cast<int64_t>(record.size());
        when(run, now, GANTRY_MARK_VISIBLE, end,
             [=](const gantry_call& later) { next(later, put.log_end, end); });
      });
    });
  });
}

void only_its_owner_moves_replicated(Run& run, const gantry_call& call) {
  const Probe& probe = run.probe;
  const gantry_commitlog& log = probe.commitlog;
  run.expect_status(probe.claim_of_durable, GANTRY_INVALID, "claim of DURABLE");
  run.expect_status(probe.claim_of_replicated, GANTRY_OK, "claim of REPLICATED");
  run.expect_status(probe.second_claim, GANTRY_REFUSED, "a second claim");
  const gantry_put_result put = run.append(call, run.probe.fresh_topic(call), "x");
  when(run, call, GANTRY_MARK_DURABLE, put.log_end, [&run, &log, put](const gantry_call& now) {
    const gantry_host* host = run.probe.host();
    run.expect(log.mark(host, GANTRY_MARK_REPLICATED) < put.log_end, "REPLICATED waits");
    run.expect(log.mark(host, GANTRY_MARK_STABLE) < put.log_end, "and so does STABLE");
    run.expect_status(log.raise(host, GANTRY_MARK_DURABLE, put.log_end), GANTRY_INVALID,
                      "raise of DURABLE");
    run.expect_status(log.raise(host, GANTRY_MARK_REPLICATED, put.log_end + (1 << 20)),
                      GANTRY_INVALID, "raise above APPENDED");
    when(run, now, GANTRY_MARK_STABLE, put.log_end, [&run](const gantry_call&) { run.finish(); });
    run.expect_status(log.raise(host, GANTRY_MARK_REPLICATED, put.log_end), GANTRY_OK, "raise");
  });
}

void an_answer_goes_when_the_replicas_have_it(Run& run, const gantry_call& call) {
  const gantry_put_result put = run.append(call, run.probe.fresh_topic(call), "x");
  run.ask("wait for the replicas", "", 10'000,
          [&run](const gantry_call&, gantry_status status, const void* result) {
            const auto* answer = static_cast<const gantry_response*>(result);
            run.expect(status == GANTRY_OK && answer->code == 0, "the answer");
            run.finish();
          });
  run.probe.timer.post(
      run.probe.host(), call.shard,
      run.on([&run, put](const gantry_call&, gantry_status, const void*) {
        run.expect_status(run.probe.commitlog.raise(run.probe.host(), GANTRY_MARK_REPLICATED,
                                                    put.log_end),
                          GANTRY_OK, "raise");
      }));
}

void follow_behind(Run& run, const gantry_call& call, const std::string& topic,
                   const gantry_put_result& put) {
  when(run, call, GANTRY_MARK_VISIBLE, put.log_end, [=, &run](const gantry_call& visible) {
    const std::vector<uint8_t> record = next_record(run, put);
    run.expect_status(append_raw(run, visible, put.log_end, record), GANTRY_REFUSED,
                      "append_raw of a leader");
    follow(run, visible, [=, &run](const gantry_call& now) {
      run.expect(run.probe.commitlog.mark(run.probe.host(), GANTRY_MARK_DURABLE) >= put.log_end,
                 "what was appended is DURABLE");
      run.expect_status(run.put_one(now, topic), GANTRY_REFUSED, "append of a follower");
      run.expect(now.error->wire_code == 14, "wire code 14");
      run.expect_status(append_raw(run, now, put.log_end + 1, record), GANTRY_INVALID,
                        "bytes for another place");
      run.expect(now.error->text[0] != '\0', "the error says why");
      auto damaged = record;
      damaged[90] ^= 1;  // in the body
      run.expect_status(append_raw(run, now, put.log_end, damaged), GANTRY_INVALID,
                        "a flipped byte");
      run.expect_status(append_raw(run, now, put.log_end, record), GANTRY_OK, "append_raw");
      lead(run, now, [=, &run](const gantry_call& again) {
        append_soon(run, again, topic, "third", [&run](const gantry_call&, const auto& third) {
          run.expect(third.first_queue_offset == 2, "numbers go on behind the raw record's");
          run.finish();
        });
      });
    });
  });
}

void a_follower_takes_records_of_another_log(Run& run, const gantry_call& call) {
  const std::string topic = run.probe.fresh_topic(call);
  append_soon(run, call, topic, "first", [=, &run](const gantry_call& now, const auto& put) {
    follow_behind(run, now, topic, put);
  });
}

void a_cut_fails_who_waits_for_more(Run& run, const gantry_call& call) {
  const std::string topic = run.probe.fresh_topic(call);
  const auto cut = [=, &run](const gantry_call& now, int64_t first, int64_t second) {
    const auto ended = std::make_shared<int>(0);
    const auto one_more = [=, &run](const gantry_call& at) {
      if (++*ended < 3) return;
      run.expect(run.probe.commitlog.mark(run.probe.host(), GANTRY_MARK_VISIBLE) == first,
                 "VISIBLE has come down");
      lead(run, at, [=, &run](const gantry_call& leads) {
        append_soon(run, leads, topic, "another second", [=, &run](const gantry_call&, const auto& put) {
          run.expect(put.log_begin == first, "the log goes on where it was cut");
          run.expect(put.first_queue_offset == 1, "and so do the numbers");
          run.finish();
        });
      });
    };
    run.probe.commitlog.await(run.probe.host(), &now, second, bit(GANTRY_MARK_REPLICATED), 10'000,
                              expecting(run, GANTRY_GONE, "await of what was cut", one_more));
    run.ask("wait for the replicas", "", 10'000,
            [=, &run](const gantry_call& at, gantry_status status, const void* result) {
              const auto* answer = static_cast<const gantry_response*>(result);
              run.expect(status == GANTRY_OK && answer->code == 1, "the answer is an error");
              one_more(at);
            });
    // The answer waits by then.
    run.probe.timer.post(run.probe.host(), now.shard,
                         run.on([=, &run](const gantry_call& at, gantry_status, const void*) {
                           truncate(run, at, first, GANTRY_OK, one_more);
                         }));
  };
  follow_with_raw(run, call, topic, cut);
}

void a_cut_that_is_not_allowed_is_refused(Run& run, const gantry_call& call) {
  const std::string topic = run.probe.fresh_topic(call);
  const auto refused = [&run](const gantry_call& now, int64_t first, int64_t second) {
    truncate(run, now, first + 1, GANTRY_INVALID, [=, &run](const gantry_call& inside) {
      truncate(run, inside, second + 1, GANTRY_INVALID, [=, &run](const gantry_call& behind) {
        const gantry_commitlog& log = run.probe.commitlog;
        run.expect(log.mark(run.probe.host(), GANTRY_MARK_APPENDED) == second, "nothing is cut");
        lead(run, behind, [=, &run](const gantry_call& leads) {
          truncate(run, leads, first, GANTRY_REFUSED,
                   [&run](const gantry_call&) { run.finish(); });
        });
      });
    });
  };
  follow_with_raw(run, call, topic, refused);
}

void an_epoch_given_before_is_invalid(Run& run, const gantry_call& call) {
  lead(run, call, [&run](const gantry_call& now) {
    const gantry_commitlog& log = run.probe.commitlog;
    const auto never = [&run](const gantry_call&, gantry_status, const void*) {
      run.expect(false, "a completion that was refused");
    };
    run.expect_status(log.follow(run.probe.host(), &now, run.probe.epoch, run.on(never)),
                      GANTRY_INVALID, "follow of the same epoch");
    run.expect(std::string_view(now.error->text).find("epoch") != std::string_view::npos,
               "the error names the field");
    run.expect_status(log.lead(run.probe.host(), &now, run.probe.epoch - 1, run.on(never)),
                      GANTRY_INVALID, "lead of an older one");
    run.finish();
  });
}

// Looks again until the log begins later, or the case is late.
void when_trimmed(Run& run, const gantry_call& call, int64_t before, int attempts) {
  const gantry_commitlog& log = run.probe.commitlog;
  if (log.begin(run.probe.host()) > before || attempts == 0) {
    run.expect(log.begin(run.probe.host()) > before, "the log begins later");
    gantry_slice slice{};
    run.expect_status(log.read(run.probe.host(), before, 100, 0, &slice), GANTRY_GONE,
                      "a read of what was trimmed");
    return run.finish();
  }
  run.probe.timer.arm(run.probe.host(), call.shard, 10,
                      run.on([=, &run](const gantry_call& now, gantry_status, const void*) {
                        when_trimmed(run, now, before, attempts - 1);
                      }),
                      nullptr);
}

// Three files of records, and what follows when they are on the disk.
void fill(Run& run, const gantry_call& call, const std::string& topic, int left) {
  append_soon(run, call, topic, std::string(60'000, 'x'),
              [=, &run](const gantry_call& now, const gantry_put_result& put) {
    if (left > 1) return fill(run, now, topic, left - 1);
    when(run, now, GANTRY_MARK_DURABLE, put.log_end, [=, &run](const gantry_call& durable) {
      const gantry_commitlog& log = run.probe.commitlog;
      const int64_t before = log.begin(run.probe.host());
      log.raise(run.probe.host(), GANTRY_MARK_REPLICATED, put.log_end);
      run.expect_status(log.trim(run.probe.host(), put.log_end, 0), GANTRY_OK, "trim");
      when_trimmed(run, durable, before, 300);
    });
  });
}

void a_trim_moves_the_begin(Run& run, const gantry_call& call) {
  fill(run, call, run.probe.fresh_topic(call), 12);
}

}  // namespace

void add_change_cases(std::map<std::string_view, Case>& cases) {
  cases["only_its_owner_moves_replicated"] = only_its_owner_moves_replicated;
  cases["an_answer_goes_when_the_replicas_have_it"] = an_answer_goes_when_the_replicas_have_it;
  cases["a_follower_takes_records_of_another_log"] = a_follower_takes_records_of_another_log;
  cases["a_cut_fails_who_waits_for_more"] = a_cut_fails_who_waits_for_more;
  cases["a_cut_that_is_not_allowed_is_refused"] = a_cut_that_is_not_allowed_is_refused;
  cases["an_epoch_given_before_is_invalid"] = an_epoch_given_before_is_invalid;
  cases["a_trim_moves_the_begin"] = a_trim_moves_the_begin;
}

}  // namespace gantry::contract
