// Handlers run on shards, so they note what they see and the test's thread asserts it.
//
// BenchNode: a router, a runtime and Requests around handlers made of lambdas, with sessions that
// remember what was sent to them. Everything a case does to a shard goes through on_shard().
#pragma once

#include <catch2/catch.hpp>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "dispatch/requests.hpp"
#include "dispatch/waiting.hpp"
#include "net/session.hpp"
#include "support/turn.hpp"
#include "wire/decode.hpp"
#include "wire/encode.hpp"

namespace gantry::testing {

using dispatch::Call;
using dispatch::Request;
using dispatch::Response;
using dispatch::Status;
using dispatch::Why;

struct Answer {
  int32_t code = -1;
  int32_t opaque = 0;
  std::string remark;
  std::map<std::string, std::string> fields;
  std::string body;
};

class FakeSession final : public net::Session {
 public:
  FakeSession(uint64_t id, uint32_t shard, uint32_t door = 0)
      : Session(SessionId(id), shard, door, loopback()) {}

  void send(Bytes head, std::span<Slice> body) override {
    wire::Frame frame;
    frame.serialize = static_cast<wire::Serialize>(head[4]);
    frame.header = head.subspan(8);
    wire::HeaderScratch scratch;
    wire::Header header;
    // Assertions belong to the test's thread: what can't be read is an answer no case expects.
    if (wire::decode_header(frame, scratch, header)) header.code = -1;
    Answer answer{header.code, header.opaque, std::string(header.remark.view()), {}, {}};
    for (const Field& field : header.fields) {
      answer.fields.emplace(field.key.view(), field.value.view());
    }
    for (Slice& slice : body) {
      answer.body.append(reinterpret_cast<const char*>(slice.bytes.data()), slice.bytes.size());
    }
    const std::lock_guard lock(mutex_);
    answers_.push_back(std::move(answer));
    changed_.notify_all();
  }
  void close(std::string_view) override { closed_ = true; }

  // Waits for the n-th answer, counted from 1.
  Answer answer(size_t n = 1) {
    std::unique_lock lock(mutex_);
    REQUIRE(changed_.wait_for(lock, std::chrono::seconds(10), [&] { return answers_.size() >= n; }));
    return answers_[n - 1];
  }
  size_t answered() {
    const std::lock_guard lock(mutex_);
    return answers_.size();
  }

 private:
  static const net::Peer& loopback() {
    static const net::Peer peer{{127, 0, 0, 1}, 4, 5000};
    return peer;
  }
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Answer> answers_;
  bool closed_ = false;
};

class FakeHandler final : public dispatch::RequestHandler {
 public:
  using Body = std::function<Status(Call&, const Request&, Token, Why)>;
  FakeHandler(std::string name, int32_t code, Body body)
      : name_(std::move(name)), routes_{{code, dispatch::Access::none, {}, false}},
        body_(std::move(body)) {}
  void fall_back() { routes_.front().fallback = true; }
  const std::string& name() const override { return name_; }
  const std::vector<dispatch::Route>& routes() const override { return routes_; }
  Status handle(Call& call, const Request& request, Token token, Why why) override {
    return body_(call, request, token, why);
  }
  void session_closed(Call&, SessionId session) override { closed.push_back(session); }
  std::vector<SessionId> closed;

 private:
  std::string name_;
  std::vector<dispatch::Route> routes_;
  Body body_;
};

class FakeMarks final : public dispatch::Marks {
 public:
  int64_t reached(uint32_t mark) const override {
    const int64_t at = marks[mark];
    if (const auto happens = std::exchange(behind_the_look, {})) happens();
    return at;
  }
  uint32_t visible_after() const override { return 1u << dispatch::mark_durable; }
  void await(int64_t log_end, uint32_t wanted, runtime::Job then) const override {
    const std::lock_guard lock(mutex_);
    awaits_.push_back({log_end, wanted, then});
  }
  // Whoever looks at the answers that wait asks this first.
  std::string failure() const override {
    const std::lock_guard lock(mutex_);
    ++looks_;
    return failure_;
  }
  int looks() const {
    const std::lock_guard lock(mutex_);
    return looks_;
  }
  // Raises a mark as the log does: who awaits it is told.
  void raise(uint32_t mark, int64_t to) {
    marks[mark] = to;
    std::vector<Await> due;
    {
      const std::lock_guard lock(mutex_);
      const auto waits = std::stable_partition(awaits_.begin(), awaits_.end(), [&](const Await& at) {
        return dispatch::Waiting::passed(*this, at.log_end, at.marks);
      });
      due.assign(awaits_.begin(), waits);
      awaits_.erase(awaits_.begin(), waits);
    }
    for (const Await& await : due) await.then.run(await.then.context);
  }
  void fail(std::string reason) {
    const std::lock_guard lock(mutex_);
    failure_ = std::move(reason);
  }
  std::array<std::atomic<int64_t>, dispatch::mark_count> marks{};
  mutable std::function<void()> behind_the_look;  // once, when a mark was looked at

 private:
  struct Await {
    int64_t log_end;
    uint32_t marks;
    runtime::Job then;
  };
  mutable std::mutex mutex_;
  std::string failure_;
  mutable int looks_ = 0;
  mutable std::vector<Await> awaits_;
};

class BenchNode {
 public:
  explicit BenchNode(uint32_t shards = 1) : runtime({shards, {1, 1000}}, clock) {
    router.add_door("main", {});
  }
  ~BenchNode() { runtime.stop(); }

  void serve(int32_t code, FakeHandler::Body body) {
    handlers.push_back(std::make_unique<FakeHandler>("handler", code, std::move(body)));
    REQUIRE(router.add_handler(0, *handlers.back()).has_value());
  }
  dispatch::Requests& start() {
    requests = std::make_unique<dispatch::Requests>(runtime, router, &marks);
    runtime.start();
    return *requests;
  }
  FakeSession& session(uint32_t shard = 0) {
    sessions.push_back(std::make_unique<FakeSession>(sessions.size() + 1, shard));
    FakeSession& made = *sessions.back();
    on_shard(shard, [&] { requests->on_opened(made); });
    return made;
  }
  void on_shard(uint32_t shard, std::function<void()> body) {
    runtime.shard(shard).run_and_wait(std::move(body));
  }
  void ask(FakeSession& from, int32_t code, int32_t opaque = 7, int32_t flag = 0,
           std::string body = "body") {
    on_shard(from.shard(), [&] {
      const Field field{std::string_view("topic"), std::string_view("T")};
      wire::Header header;
      header.code = code;
      header.opaque = opaque;
      header.flag = flag;
      header.fields = {&field, 1};
      header.has_fields = true;
      const Bytes bytes(reinterpret_cast<const uint8_t*>(body.data()), body.size());
      requests->on_request(from, {header, wire::Serialize::json, bytes, {}, nullptr});
    });
  }
  void close(FakeSession& session) {
    on_shard(session.shard(), [&] { requests->on_closed(session.id(), session.shard()); });
  }
  void advance_ms(int64_t ms) {
    clock.advance_ms(ms);
    runtime.poke();
    for (uint32_t i = 0; i < runtime.shard_count(); ++i) finish_turn(runtime.shard(i));
  }

  ManualClock clock{1'000'000};
  runtime::Runtime runtime;
  dispatch::Router router;
  FakeMarks marks;
  std::vector<std::unique_ptr<FakeHandler>> handlers;
  std::vector<std::unique_ptr<FakeSession>> sessions;
  std::unique_ptr<dispatch::Requests> requests;
};

inline Status park(dispatch::Requests& requests, Token token, uint64_t timeout_ms) {
  const Status status = requests.park(token, timeout_ms);
  return status == Status::ok ? Status::pending : Status::fault;
}

inline Status answer_ok(dispatch::Requests& requests, Token token, std::string_view remark = {}) {
  return requests.respond(token, Response{0, Text(remark), {}, {}});
}

}  // namespace gantry::testing
