// Job: a function and its argument, run once on a named thread. Plain, so that posting one copies
// two words and allocates nothing; whoever posts it keeps `context` alive until it has run.
// Task: any move-only callable, for control paths where an allocation doesn't matter.
#pragma once

#include <memory>
#include <type_traits>
#include <utility>

namespace gantry::runtime {

struct Job {
  void (*run)(void* context) = nullptr;
  void* context = nullptr;
};

class Task {
 public:
  Task() = default;
  template <class F>
    requires(!std::is_same_v<std::decay_t<F>, Task> && std::is_invocable_v<std::decay_t<F>&>)
  Task(F&& call)  // NOLINT: a callable is a Task
      : body_(std::make_unique<Body<std::decay_t<F>>>(std::forward<F>(call))) {}

  explicit operator bool() const noexcept { return body_ != nullptr; }
  void operator()() { body_->call(); }

  // The same task as a Job. The job owns it: it must be run, or discarded, exactly once.
  static void discard(Job job) { delete static_cast<Callable*>(job.context); }
  Job into_job() && {
    return {[](void* context) {
              std::unique_ptr<Callable> body(static_cast<Callable*>(context));
              body->call();
            },
            body_.release()};
  }

 private:
  struct Callable {
    virtual ~Callable() = default;
    virtual void call() = 0;
  };
  template <class F>
  struct Body final : Callable {
    template <class G>
    explicit Body(G&& g) : call_(std::forward<G>(g)) {}
    void call() override { call_(); }
    F call_;
  };
  std::unique_ptr<Callable> body_;
};

}  // namespace gantry::runtime
