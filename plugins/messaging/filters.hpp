// Filters: subscriptions, compiled. Owned by the Broker; lives from start to stop.
//
// An expression is compiled once, on a worker, by the module that offers its type, and kept under
// (type, text): what it means doesn't depend on group or topic. Each shard has its own table, read
// without a lock; behind them is one for the node. What is wrong is kept, too, so that a client
// that asks again and again is told at once. Tables are bounded in bytes: over the bound, a shard
// forgets its own, and the node forgets what no shard and no held pull uses.
#pragma once

#include <gantry/cap/filter.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "cpp/filter.hpp"
#include "options.hpp"
#include "services.hpp"

namespace gantry::messaging {

// What a consumer subscribed with. Borrowed.
struct Expression {
  std::string_view type;  // "TAG", "SQL92", ...
  std::string_view text;

  friend bool operator==(const Expression&, const Expression&) = default;
};
// An absent type is TAG.
Expression expression(std::string_view type, std::string_view text);
// Needs no filter.
bool is_everything(const Expression& expression);

struct Filter {
  std::string type;
  std::string text;
  std::unique_ptr<const sdk::Program> program;   // null: the expression is wrong
  std::string wrong;                             // what, and where
  mutable std::atomic<bool> complained = false;  // that it could not judge a message

  Expression expression() const { return {type, text}; }
};
using FilterRef = std::shared_ptr<const Filter>;

class Filters {
 public:
  // Binds the filters this node has. [control]
  Filters(const Services& services, const Options& options);

  // Whether a module offers the expression's type; if not, what to tell the client.
  bool serves(std::string_view type) const { return bindings_.contains(type); }
  static std::string unserved(std::string_view type);

  // Null until it has been compiled. The reference is good until this shard's next find. [shard]
  const FilterRef* find(const gantry_call& call, const Expression& expression);
  // Parks the request while a worker compiles; woken, it starts over and finds the filter. Inside
  // handle() only. Always PENDING, or OK when it was refused.
  gantry_status compile(gantry_token token, const Expression& expression);

  // Gives the programs back to their modules; `then` is called once, on any thread. [control], when
  // no request comes any more.
  void close(std::function<void()> then);

  // A verdict for each message. What could not be judged is an ERROR, and told in the log once for
  // each filter. REFUSED: the filter's module does not run. [any]
  gantry_status match(const gantry_call& call, const Filter& filter, const gantry_batch& batch,
                      uint8_t* verdicts) const;

 private:
  struct Hash {
    size_t operator()(const Expression& expression) const;
  };
  // Keys are views into the values.
  struct alignas(64) Shard {
    std::unordered_map<Expression, FilterRef, Hash> filters;
    int64_t bytes = 0;
  };
  struct Slot {
    std::string type;
    std::string text;
    FilterRef filter;                   // null while it is compiled
    std::vector<gantry_token> waiting;  // meanwhile
  };

  const FilterRef& keep(Shard& shard, const FilterRef& filter);
  void run(const Expression& expression);
  void finish(const Expression& expression, FilterRef filter);
  void fail(const Expression& expression, int32_t code, std::string_view remark);
  std::vector<gantry_token> take(const Expression& expression);
  void forget_unused();  // needs lock_

  const Services& services_;
  const Options& options_;
  std::map<std::string, gantry_binding*, std::less<>> bindings_;  // by type; constant
  std::vector<Shard> shards_;                                     // each used on its shard only

  std::mutex lock_;  // "filters": never held across a host call
  std::unordered_map<Expression, std::unique_ptr<Slot>, Hash> slots_;
  int64_t bytes_ = 0;  // of slots_
};

}  // namespace gantry::messaging
