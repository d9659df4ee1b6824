// The log with its threads and several of its callers'.
#include <atomic>
#include <map>
#include <thread>

#include "disk.hpp"
#include "fixture.hpp"

using namespace gantry;
using namespace gantry::testing;

namespace {

constexpr int records_each = 2000;

// Appends until all are in, waiting for space by the mark that makes it.
void append_all(CommitLog& log, int32_t queue_id, int who) {
  PutResult result;
  for (int i = 0; i < records_each;) {
    const std::string body = std::to_string(who) + ":" + std::to_string(i);
    const RecordDraft draft = draft_of("T", queue_id, body);
    Put put;
    put.records = {&draft, 1};
    const ErrorCode error = log.append(put, result);
    if (!error)
      i++;
    else if (error == Errc::busy)
      std::this_thread::yield();
    else
      throw std::runtime_error(error.message());
    log.kick();
  }
}

}  // namespace

TEST_CASE("two appending threads get dense numbers, a reader sees a growing whole prefix") {
  const Flush flush = GENERATE(Flush::async, Flush::sync);
  Fixture f(flush);
  f.options.segment_bytes = 1 << 18;
  f.options.flush_interval_ms = 5;
  f.open();
  std::atomic<int> risen{0};
  f.log->on_visible({[](void* context) { ++*static_cast<std::atomic<int>*>(context); }, &risen});
  f.log->start();
  std::thread first(append_all, std::ref(*f.log), 0, 1);
  std::thread second(append_all, std::ref(*f.log), 0, 2);

  std::map<char, int> next_of;
  int64_t number = 0;
  LogOffset at(0);
  std::vector<RecordView> views(64);
  while (number < 2 * records_each) {
    RecordRun run;
    REQUIRE_FALSE(f.log->next_records(at, {}, views, run));
    if (flush == Flush::sync) REQUIRE(run.next <= f.log->mark(Mark::durable));
    for (const RecordView& view : std::span(views).first(run.count)) {
      REQUIRE(view.queue_offset == QueueOffset(number++));
      const std::string body = text_of(view.body);
      REQUIRE(body.substr(2) == std::to_string(next_of[body[0]]++));
    }
    at = run.next;
    if (run.count == 0) std::this_thread::yield();
  }
  first.join();
  second.join();
  REQUIRE(risen > 0);
  REQUIRE(f.log->stop().has_value());
  f.reopen();
  REQUIRE(f.records().size() == 2 * records_each);
}

TEST_CASE("under sync flush every waiter is answered after its record is durable") {
  Fixture f(Flush::sync);
  f.open();
  f.log->start();
  struct Answer {
    CommitLog* log;
    LogOffset log_end;
    std::atomic<int>* answered;
    bool right = false;
  };
  std::atomic<int> answered{0};
  std::vector<Answer> answers(500);
  for (Answer& answer : answers) {
    f.put_ok("x");
    answer.log = f.log.get();
    answer.log_end = f.result.log_end;
    answer.answered = &answered;
    f.log->await(answer.log_end, mark_bit(Mark::durable),
                 {[](void* context, ErrorCode error) {
                    auto* self = static_cast<Answer*>(context);
                    self->right = !error && self->log->mark(Mark::durable) >= self->log_end;
                    ++*self->answered;
                  },
                  &answer});
    f.log->kick();
  }
  while (answered < 500) std::this_thread::yield();
  for (const Answer& answer : answers) REQUIRE(answer.right);
}

TEST_CASE("waits that race with cancels and a failing log are called or cancelled, never both") {
  Marks marks;
  marks.open(LogOffset(0), mark_bit(Mark::written), false);
  constexpr int count = 5000;
  std::vector<std::atomic<int>> calls(count);
  std::atomic<int64_t> published{0};
  std::thread raiser([&] {
    for (int64_t at = 1; at <= count / 2; at++) {
      while (published.load() < at) std::this_thread::yield();
      marks.raise(Mark::written, LogOffset(at));
    }
    while (published.load() < count) std::this_thread::yield();
    marks.fail(Errc::stopped);
  });
  int cancelled = 0;
  for (int i = 0; i < count; i++) {
    const Token token =
        marks.await(LogOffset(i + 1), mark_bit(Mark::written),
                    {[](void* context, ErrorCode) { ++*static_cast<std::atomic<int>*>(context); },
                     &calls[static_cast<size_t>(i)]});
    published = i + 1;
    if (i % 3 == 0 && marks.cancel(token)) {
      calls[static_cast<size_t>(i)]++;
      cancelled++;
    }
  }
  raiser.join();
  for (const auto& called : calls) REQUIRE(called == 1);
  REQUIRE(cancelled > 0);
}

TEST_CASE("closing a gate is a border: it returns after the appends that saw it open") {
  Fixture f;
  Disk disk;
  f.options.file_system = &disk;
  f.open();
  std::thread closer;
  std::atomic<bool> closing{false};
  std::atomic<bool> closed{false};
  bool closed_inside = false;
  disk.before_store = [&] {
    closer = std::thread([&] {
      closing = true;
      f.log->close_gate("test", 1, "closed");
      closed = true;
    });
    while (!closing) std::this_thread::yield();
    // The append is past the gate and not yet done: give close_gate every chance to return early.
    for (int i = 0; i < 2000 && !closed; i++) std::this_thread::yield();
    closed_inside = closed;
  };
  REQUIRE_FALSE(f.put("T", 0, "x"));
  closer.join();
  REQUIRE_FALSE(closed_inside);
  disk.before_store = nullptr;
  REQUIRE(f.put("T", 0, "y") == Errc::gate_closed);
}
