// commitlog.h: append, numbers, marks, reads, decode, gates.
#include "probe.hpp"

namespace gantry::contract {
namespace {

using sdk::str;
using sdk::view;

constexpr int64_t hash_of_red = 112785;  // "red".hashCode()
constexpr uint32_t visible = 1u << GANTRY_MARK_VISIBLE;

// Goes on once everything appended so far may be read.
void when_visible(Run& run, const gantry_call& call, int64_t log_end,
                  std::function<void(const gantry_call&)> then) {
  const gantry_status status = run.probe.commitlog.await(
      run.probe.host(), &call, log_end, visible, 10'000,
      run.on([&run, then](const gantry_call& now, gantry_status ended, const void*) {
        run.expect_status(ended, GANTRY_OK, "await");
        then(now);
        run.finish();
      }));
  run.expect_status(status, GANTRY_OK, "await takes the completion");
}

void queue_offsets_are_dense_by_topic_and_queue(Run& run, const gantry_call& call) {
  const std::string topic = run.probe.fresh_topic(call);
  const std::string other = run.probe.fresh_topic(call);
  run.expect(run.append(call, topic, "a").first_queue_offset == 0, "a new queue begins at 0");
  const gantry_put_result three = run.append(call, topic, "b", 3);
  run.expect(three.first_queue_offset == 1 && three.count == 3, "a batch takes one each");
  run.expect(run.append(call, other, "c").first_queue_offset == 0, "queues count by themselves");
  run.expect(run.append(call, topic, "d").first_queue_offset == 4, "numbers go on after a batch");
  run.finish();
}

void a_record_reads_back_as_it_was_appended(Run& run, const gantry_call& call) {
  const std::string topic = run.probe.fresh_topic(call);
  const gantry_put_result put = run.append(call, topic, "some bytes");
  when_visible(run, call, put.log_end, [&run, put, topic](const gantry_call&) {
    const gantry_commitlog& log = run.probe.commitlog;
    gantry_slice slice{};
    const auto size = static_cast<uint64_t>(put.log_end - put.log_begin);
    const gantry_status status = log.read(run.probe.host(), put.log_begin, size, 0, &slice);
    run.expect_status(status, GANTRY_OK, "read");
    if (status != GANTRY_OK) return;
    gantry_message message{};
    message.struct_size = sizeof message;
    const gantry_bytes record{slice.data, slice.size};
    run.expect_status(log.decode(run.probe.host(), record,
                                 GANTRY_DECODE_TAG_CODE | GANTRY_DECODE_CHECK, &message),
                      GANTRY_OK, "decode");
    run.expect(view(message.topic) == topic, "topic");
    run.expect(view(message.body) == "some bytes", "body");
    run.expect(message.queue_id == 3 && message.queue_offset == 0, "queue and number");
    run.expect(message.log_offset == put.log_begin, "log offset");
    run.expect(message.stored_ms == put.stored_ms, "store time");
    run.expect(message.record_size == size, "record size");
    run.expect(message.tag_code == hash_of_red, "tag code");
    run.probe.buffers.release(run.probe.host(), slice.buffer);
  });
}

void adjacent_entries_are_one_slice(Run& run, const gantry_call& call) {
  const std::string topic = run.probe.fresh_topic(call);
  const gantry_put_result first = run.append(call, topic, "one");
  const gantry_put_result second = run.append(call, topic, "two");
  when_visible(run, call, second.log_end, [&run, first, second](const gantry_call&) {
    const auto size = static_cast<int32_t>(first.log_end - first.log_begin);
    const gantry_index_entry entries[] = {{first.log_begin, 0, size, 0},
                                          {second.log_begin, 0, size, 0}};
    gantry_slice slices[2]{};
    uint32_t count = 2;
    uint32_t covered = 0;
    run.expect_status(
        run.probe.commitlog.read_entries(run.probe.host(), entries, 2, 0, slices, &count, &covered),
        GANTRY_OK, "read_entries");
    run.expect(covered == 2, "both entries are covered");
    const bool adjacent = first.log_end == second.log_begin;
    run.expect(count == (adjacent ? 1u : 2u), "one slice for a run of adjacent records");
    for (uint32_t i = 0; i < count; ++i)
      run.probe.buffers.release(run.probe.host(), slices[i].buffer);
  });
}

void outside_the_log_is_gone(Run& run, const gantry_call&) {
  const gantry_commitlog& log = run.probe.commitlog;
  gantry_slice slice{};
  const int64_t end = log.mark(run.probe.host(), GANTRY_MARK_APPENDED);
  run.expect_status(log.read(run.probe.host(), end + (1 << 20), 100, 0, &slice), GANTRY_GONE,
                    "read beyond the end");
  run.expect(log.mark(run.probe.host(), GANTRY_MARK_COUNT) == -1, "an unknown mark is -1");
  run.expect(log.begin(run.probe.host()) <= end, "the log begins before its end");
  run.finish();
}

void damaged_bytes_are_no_record(Run& run, const gantry_call& call) {
  const gantry_put_result put = run.append(call, run.probe.fresh_topic(call), "some bytes");
  when_visible(run, call, put.log_end, [&run, put](const gantry_call&) {
    const gantry_commitlog& log = run.probe.commitlog;
    gantry_slice slice{};
    const auto size = static_cast<uint64_t>(put.log_end - put.log_begin);
    if (log.read(run.probe.host(), put.log_begin, size, 0, &slice) != GANTRY_OK)
      return run.expect(false, "read");
    std::vector<uint8_t> bytes(slice.data, slice.data + slice.size);
    run.probe.buffers.release(run.probe.host(), slice.buffer);
    gantry_message message{};
    message.struct_size = sizeof message;
    run.expect_status(log.decode(run.probe.host(), {bytes.data(), bytes.size() - 1}, 0, &message),
                      GANTRY_INVALID, "a cut record");
    bytes[90] ^= 1;  // in the body
    run.expect_status(
        log.decode(run.probe.host(), {bytes.data(), bytes.size()}, GANTRY_DECODE_CHECK, &message),
        GANTRY_INVALID, "a flipped byte in the body");
  });
}

void awaiting_too_much_is_busy(Run& run, const gantry_call& call) {
  const int64_t end = run.probe.commitlog.mark(run.probe.host(), GANTRY_MARK_APPENDED);
  run.expect_status(run.probe.commitlog.await(
                        run.probe.host(), &call, end + (1 << 20), visible, 20,
                        run.on([&run](const gantry_call&, gantry_status status, const void*) {
                          run.expect_status(status, GANTRY_BUSY, "await past its limit");
                          run.finish();
                        })),
                    GANTRY_OK, "await");
}

void a_watch_ends_when_its_mark_rises(Run& run, const gantry_call& call) {
  const int64_t before = run.probe.commitlog.mark(run.probe.host(), GANTRY_MARK_WRITTEN);
  run.expect_status(
      run.probe.commitlog.watch(
          run.probe.host(), GANTRY_MARK_WRITTEN, before,
          run.on([&run, before](const gantry_call&, gantry_status status, const void*) {
            run.expect_status(status, GANTRY_OK, "watch");
            run.expect(run.probe.commitlog.mark(run.probe.host(), GANTRY_MARK_WRITTEN) > before,
                       "the mark has risen");
            run.finish();
          })),
      GANTRY_OK, "watch takes the completion");
  run.append(call, run.probe.fresh_topic(call), "x");
}

void a_closed_gate_refuses_with_its_code(Run& run, const gantry_call& call) {
  const gantry_commitlog& log = run.probe.commitlog;
  const std::string topic = run.probe.fresh_topic(call);
  log.gate(run.probe.host(), str("probe"), 1, 14, str("closed for the contract"));
  run.expect_status(run.put_one(call, topic), GANTRY_REFUSED, "append at a closed gate");
  run.expect(call.error->wire_code == 14, "the gate's wire code");
  run.expect(
      std::string_view(call.error->text).find("closed for the contract") != std::string_view::npos,
      "the gate's reason");
  log.gate(run.probe.host(), str("probe"), 0, 0, str(""));
  run.expect(run.append(call, topic, "x").first_queue_offset == 0,
             "a refused append takes no number");
  run.finish();
}

void a_record_over_a_limit_is_invalid(Run& run, const gantry_call& call) {
  run.expect_status(run.put_one(call, std::string(256, 't')), GANTRY_INVALID,
                    "a topic of 256 bytes");
  run.expect(call.error->wire_code == 13, "wire code 13");
  run.expect(std::string_view(call.error->text).find("topic") != std::string_view::npos,
             "the error names the field");
  run.finish();
}

}  // namespace

void add_log_cases(std::map<std::string_view, Case>& cases) {
  cases["queue_offsets_are_dense_by_topic_and_queue"] = queue_offsets_are_dense_by_topic_and_queue;
  cases["a_record_reads_back_as_it_was_appended"] = a_record_reads_back_as_it_was_appended;
  cases["adjacent_entries_are_one_slice"] = adjacent_entries_are_one_slice;
  cases["outside_the_log_is_gone"] = outside_the_log_is_gone;
  cases["damaged_bytes_are_no_record"] = damaged_bytes_are_no_record;
  cases["awaiting_too_much_is_busy"] = awaiting_too_much_is_busy;
  cases["a_watch_ends_when_its_mark_rises"] = a_watch_ends_when_its_mark_rises;
  cases["a_closed_gate_refuses_with_its_code"] = a_closed_gate_refuses_with_its_code;
  cases["a_record_over_a_limit_is_invalid"] = a_record_over_a_limit_is_invalid;
}

}  // namespace gantry::contract
