// Both sides of gantry.filter. For a module that offers one: ExpressionError, FilterModule. For a
// module that reads queues: Program, a compiled expression and the binding it came through.
#pragma once

#include <gantry/cap/filter.h>

#include <atomic>
#include <cstring>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "cpp/barrier.hpp"
#include "cpp/module.hpp"

namespace gantry::sdk {

// What compile() throws: the sentence already names the place.
class ExpressionError : public Refusal {
 public:
  ExpressionError(uint32_t line, uint32_t column, std::string text)
      : Refusal(GANTRY_INVALID, std::move(text)), line_(line), column_(column) {}
  uint32_t line() const noexcept { return line_; }
  uint32_t column() const noexcept { return column_; }

 private:
  uint32_t line_;
  uint32_t column_;
};

// FilterModule: base of a module that compiles expressions; its drain ends with the last program.
// The count holds one for the module itself, until it drains.
class FilterModule : public Module {
 public:
  using Module::Module;

  gantry_status drain(gantry_token drained) override {
    drained_ = drained;  // before the count falls, so that the last release finds it
    return programs_.fetch_sub(1) == 1 ? GANTRY_OK : GANTRY_PENDING;
  }

  // Kept by each program. Any thread.
  class Hold {
   public:
    explicit Hold(FilterModule& module) : module_(module) { module_.programs_.fetch_add(1); }
    Hold(const Hold&) = delete;
    Hold& operator=(const Hold&) = delete;
    ~Hold() {
      if (module_.programs_.fetch_sub(1) > 1) return;
      const gantry_host* host = module_.host_.raw();
      host->complete(host, module_.drained_, GANTRY_OK, nullptr);
    }

   private:
    FilterModule& module_;
  };

 private:
  std::atomic<int64_t> programs_{1};
  gantry_token drained_ = 0;
};

// Program: one compiled expression, for all shards. Its owner keeps it as long as it likes, but not
// beyond its own stop(). match and match_index: [any]; those of workers wait for one another.
class Program {
 public:
  // Where an expression is wrong; 0: no place is to blame.
  struct Place {
    uint32_t line = 0;
    uint32_t column = 0;
  };

  // [worker] Null when it failed: `status`, call.error and `place` tell why. REFUSED: what is bound
  // does not run.
  static std::unique_ptr<Program> compile(const gantry_capabilities& capabilities,
                                          gantry_binding* binding, const gantry_call& call,
                                          std::string_view expression, gantry_status& status,
                                          Place& place) {
    Lease<gantry_filter> filter(capabilities, binding, &call);
    status = GANTRY_REFUSED;
    if (!filter) return nullptr;
    gantry_compiled compiled{};
    compiled.struct_size = sizeof compiled;
    status = filter.end(filter->compile(filter.self(), &call, str(expression), &compiled));
    place = {compiled.line, compiled.column};
    if (status != GANTRY_OK || !compiled.program) return nullptr;
    return std::unique_ptr<Program>(new Program(capabilities, binding, filter, compiled.program));
  }
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;
  ~Program() { table_->release(program_); }

  // Its module was reloaded since: compile again.
  bool stale() const { return capabilities_.generation(binding_) != generation_; }

  // A verdict for each entry. Below zero: nothing was judged; REFUSED: stale, or not running.
  gantry_status match_index(const gantry_call& call, std::span<const gantry_index_entry> entries,
                            uint8_t* verdicts) const {
    if (!table_->match_index) {
      std::memset(verdicts, GANTRY_VERDICT_LOOK, entries.size());
      return GANTRY_OK;
    }
    return run(call, [&] {
      return table_->match_index(program_, &call, entries.data(),
                                 static_cast<uint32_t>(entries.size()), verdicts);
    });
  }
  gantry_status match(const gantry_call& call, const gantry_batch& batch, uint8_t* verdicts) const {
    return run(call, [&] { return table_->match(program_, &call, &batch, verdicts); });
  }

 private:
  Program(const gantry_capabilities& capabilities, gantry_binding* binding,
          const Lease<gantry_filter>& filter, gantry_program* program)
      : capabilities_(capabilities),
        binding_(binding),
        table_(filter.operator->()),
        generation_(filter.generation()),
        program_(program) {}

  template <class Judge>
  gantry_status run(const gantry_call& call, Judge&& judge) const {
    Lease<gantry_filter> filter(capabilities_, binding_, &call);
    if (!filter || filter.generation() != generation_) return GANTRY_REFUSED;
    std::unique_lock guard(no_shard_, std::defer_lock);
    if (call.shard == GANTRY_NO_SHARD) guard.lock();
    return filter.end(barrier(call.error, judge));  // what a filter throws is its own fault
  }

  const gantry_capabilities& capabilities_;
  gantry_binding* const binding_;
  const gantry_filter* const table_;
  const uint64_t generation_;
  gantry_program* const program_;
  mutable std::mutex no_shard_;  // calls of workers, which have no shard to tell them apart
};

}  // namespace gantry::sdk
