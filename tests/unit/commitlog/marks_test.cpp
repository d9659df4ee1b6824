// Marks: who waits is called once, when all marks are there, or when they never will be.
#include "fixture.hpp"

using namespace gantry;
using namespace gantry::testing;

namespace {

struct Open {
  Marks marks;
  explicit Open(uint32_t visible_after = mark_bit(Mark::written)) {
    marks.open(LogOffset(100), visible_after, true);
  }
};

constexpr uint32_t written = mark_bit(Mark::written);
constexpr uint32_t durable = mark_bit(Mark::durable);

}  // namespace

TEST_CASE("a mark only rises") {
  Open o;
  o.marks.raise(Mark::durable, LogOffset(200));
  o.marks.raise(Mark::durable, LogOffset(150));
  REQUIRE(o.marks.at(Mark::durable) == LogOffset(200));
}

TEST_CASE("replicated follows written until somebody owns it, stable is the lesser of two") {
  Open o;
  o.marks.raise(Mark::written, LogOffset(300));
  REQUIRE(o.marks.at(Mark::replicated) == LogOffset(300));
  REQUIRE(o.marks.at(Mark::stable) == LogOffset(100));
  o.marks.raise(Mark::durable, LogOffset(300));
  REQUIRE(o.marks.at(Mark::stable) == LogOffset(300));
  Open owned;
  owned.marks.own_replicated();
  owned.marks.raise(Mark::written, LogOffset(300));
  owned.marks.raise(Mark::durable, LogOffset(300));
  REQUIRE(owned.marks.at(Mark::replicated) == LogOffset(100));
  owned.marks.raise(Mark::replicated, LogOffset(200));
  REQUIRE(owned.marks.at(Mark::stable) == LogOffset(200));
}

TEST_CASE("visible is the least of the marks it was configured with") {
  Open o(durable | mark_bit(Mark::replicated));
  o.marks.own_replicated();
  o.marks.raise(Mark::written, LogOffset(300));
  o.marks.raise(Mark::durable, LogOffset(250));
  REQUIRE(o.marks.at(Mark::visible) == LogOffset(100));
  o.marks.raise(Mark::replicated, LogOffset(200));
  REQUIRE(o.marks.at(Mark::visible) == LogOffset(200));
}

TEST_CASE("a wait for marks that are there completes at once") {
  Open o;
  Outcomes outcomes;
  REQUIRE(o.marks.await(LogOffset(100), durable | written, outcomes.completion()) == Token{});
  REQUIRE(outcomes.calls == 1);
  REQUIRE_FALSE(outcomes.error);
}

TEST_CASE("a wait completes once, when its last mark is there") {
  Open o;
  Outcomes outcomes;
  REQUIRE(o.marks.await(LogOffset(200), durable | written, outcomes.completion()) != Token{});
  o.marks.raise(Mark::durable, LogOffset(250));
  REQUIRE(outcomes.calls == 0);
  o.marks.raise(Mark::written, LogOffset(199));
  REQUIRE(outcomes.calls == 0);
  o.marks.raise(Mark::written, LogOffset(200));
  REQUIRE(outcomes.calls == 1);
  o.marks.raise(Mark::written, LogOffset(300));
  REQUIRE(outcomes.calls == 1);
}

TEST_CASE("many waits complete in the order of the log") {
  Open o;
  struct Seen {
    std::vector<int64_t>* order;
    int64_t at;
  };
  std::vector<int64_t> order;
  std::vector<Seen> seen;
  for (int64_t i = 0; i < 500; i++) seen.push_back({&order, 101 + i * 7919 % 500});
  for (Seen& s : seen)
    o.marks.await(LogOffset(s.at), written,
                  {[](void* context, ErrorCode) {
                     auto* self = static_cast<Seen*>(context);
                     self->order->push_back(self->at);
                   },
                   &s});
  o.marks.raise(Mark::written, LogOffset(350));
  REQUIRE(order.size() == 250);
  o.marks.raise(Mark::written, LogOffset(1000));
  REQUIRE(order.size() == 500);
  REQUIRE(std::is_sorted(order.begin(), order.end()));
}

TEST_CASE("a cancelled wait is not called, and its token is dead") {
  Open o;
  Outcomes cancelled;
  Outcomes kept;
  const Token token = o.marks.await(LogOffset(200), written, cancelled.completion());
  o.marks.await(LogOffset(200), written, kept.completion());
  REQUIRE(o.marks.cancel(token));
  REQUIRE_FALSE(o.marks.cancel(token));
  Outcomes reused;
  const Token other = o.marks.await(LogOffset(200), written, reused.completion());
  REQUIRE(other != token);
  REQUIRE_FALSE(o.marks.cancel(token));
  o.marks.raise(Mark::written, LogOffset(200));
  REQUIRE(cancelled.calls == 0);
  REQUIRE(kept.calls == 1);
  REQUIRE(reused.calls == 1);
  REQUIRE_FALSE(o.marks.cancel(other));
  REQUIRE_FALSE(o.marks.cancel(Token{}));
  REQUIRE_FALSE(o.marks.cancel(Token(uint64_t{1} << 40)));
}

TEST_CASE("waiting and cancelling for long leaves the waits that remain") {
  Open o;
  Outcomes kept;
  o.marks.await(LogOffset(200), written, kept.completion());
  Outcomes gone;
  for (int i = 0; i < 10000; i++)
    REQUIRE(o.marks.cancel(o.marks.await(LogOffset(150 + i), written, gone.completion())));
  o.marks.raise(Mark::written, LogOffset(20000));
  REQUIRE(kept.calls == 1);
  REQUIRE(gone.calls == 0);
}

TEST_CASE("a failure reaches who waits and who comes, not who already has its marks") {
  Open o;
  Outcomes waiting;
  o.marks.await(LogOffset(200), durable, waiting.completion());
  o.marks.fail(Errc::store_failed);
  o.marks.fail(Errc::stopped);
  REQUIRE(waiting.calls == 1);
  REQUIRE(waiting.error == Errc::store_failed);
  Outcomes late;
  REQUIRE(o.marks.await(LogOffset(200), durable, late.completion()) == Token{});
  REQUIRE(late.error == Errc::store_failed);
  Outcomes there;
  o.marks.await(LogOffset(100), durable, there.completion());
  REQUIRE_FALSE(there.error);
}

TEST_CASE("a completion may wait again") {
  struct Again {
    Open o;
    int calls = 0;
    static void next(void* context, ErrorCode) {
      auto* self = static_cast<Again*>(context);
      self->calls++;
      if (self->calls < 3)
        self->o.marks.await(LogOffset(200 + self->calls), written, {next, context});
    }
  } again;
  again.o.marks.await(LogOffset(200), written, {Again::next, &again});
  again.o.marks.raise(Mark::written, LogOffset(201));
  REQUIRE(again.calls == 2);
  again.o.marks.raise(Mark::written, LogOffset(202));
  REQUIRE(again.calls == 3);
}

TEST_CASE("the listener hears of each rise of visible, and of nothing else") {
  Marks marks;
  int heard = 0;
  marks.open(LogOffset(0), durable, true);
  marks.listen({[](void* context) { ++*static_cast<int*>(context); }, &heard});
  marks.raise(Mark::written, LogOffset(10));
  REQUIRE(heard == 0);
  marks.raise(Mark::durable, LogOffset(10));
  REQUIRE(heard == 1);
  marks.raise(Mark::written, LogOffset(20));
  REQUIRE(heard == 1);
}

TEST_CASE("a watch completes above its offset, and stopping the log ends those left") {
  Fixture f;
  f.open();
  f.put_ok("one");
  Outcomes above;
  Outcomes far;
  f.log->watch(Mark::visible, f.result.log_end, above.completion());
  f.log->watch(Mark::visible, LogOffset(1'000'000), far.completion());
  REQUIRE(above.calls == 0);
  f.put_ok("two");
  REQUIRE(above.calls == 1);
  REQUIRE(f.log->stop().has_value());
  REQUIRE(above.calls == 1);
  REQUIRE(far.calls == 1);
  REQUIRE(far.error == Errc::stopped);
}

TEST_CASE("a cut fails who waits for more, once, even if he waits anew at once") {
  struct Again {
    Marks& marks;
    int cuts = 0;
    int done = 0;
    void wait() {
      marks.await(LogOffset(300), written, {[](void* context, ErrorCode error) {
                                              auto& self = *static_cast<Again*>(context);
                                              if (!error) {
                                                ++self.done;
                                              } else if (++self.cuts < 5) {
                                                self.wait();
                                              }
                                            },
                                            this});
    }
  };
  Open o;
  o.marks.raise(Mark::written, LogOffset(200));
  Again again{o.marks};
  again.wait();
  o.marks.lower(LogOffset(150));
  o.marks.fail_cut(LogOffset(150));
  REQUIRE(again.cuts == 1);
  o.marks.raise(Mark::written, LogOffset(300));
  REQUIRE(again.done == 1);
}
