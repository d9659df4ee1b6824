// Filters: subscriptions, compiled. Owned by the Broker; lives from start to stop.
//
// An expression is compiled once, on a worker, by the module that offers its type, and kept under
// (type, text): what it means doesn't depend on group or topic. Each shard has its own table, read
// without a lock; behind them is one for the node. What is wrong is kept, too, so that a client
// that asks again and again is told at once; but not what its module may come to know, as a script
// by name. Tables are bounded in bytes: over the bound, a shard forgets its own, and the node forgets
// what no shard and no held pull uses.
#pragma once

#include <gantry/cap/filter.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "filter.hpp"
#include "options.hpp"
#include "services.hpp"

namespace gantry::messaging {

class Filters {
 public:
  // Binds the filters this node has. [control]
  Filters(const Services& services, const Options& options);

  // Whether a module offers the expression's type; if not, what to tell the client.
  bool serves(std::string_view type) const { return bindings_.contains(type); }
  static std::string unserved(std::string_view type);
  static constexpr const char* not_running = "the filter of this subscription is not running";

  // Null until it has been compiled. The reference is good until this shard's next find. [shard]
  const CompiledRef* find(const gantry_call& call, const Expression& expression);
  // Parks the request while a worker compiles; woken, it starts over and finds the filter. Inside
  // handle() only. Always PENDING, or OK when it was refused.
  gantry_status compile(gantry_token token, const Expression& expression);

  // Whether an operator may have bound filters at all, as modules go.
  bool has_binders() const { return !binders_.empty(); }
  // What operators bound to the reads of a group from a topic, behind what is in `out`; the texts
  // live as long as the modules. [shard]
  void bound(const gantry_call& call, std::string_view topic, std::string_view group,
             std::vector<Expression>& out) const;

  // One filter of several; the same parts are the same filter, as long as this shard keeps it.
  // Empty: any record; a topic: retried records that came from it. [shard]
  using Part = std::pair<std::string, CompiledRef>;
  FilterRef combine(const gantry_call& call, std::vector<Part> parts);

  // Gives the programs back to their modules; `then` is called once, on any thread. [control], when
  // no request comes any more.
  void close(std::function<void()> then);

 private:
  struct Hash {
    size_t operator()(const Expression& expression) const;
  };
  // Keys are views into the values.
  struct alignas(64) Shard {
    std::unordered_map<Expression, CompiledRef, Hash> filters;
    std::map<std::vector<Part>, FilterRef> combined;
    int64_t bytes = 0;

    void clear();
  };
  struct Slot {
    std::string type;
    std::string text;
    CompiledRef filter;                 // null while it is compiled
    std::vector<gantry_token> waiting;  // meanwhile
  };

  struct Binder {
    std::string type;
    const gantry_filter* table;
    gantry_instance* self;
  };

  void bind(std::string_view type);
  const CompiledRef& keep(Shard& shard, const CompiledRef& filter);
  void make_room(Shard& shard, int64_t bytes) const;
  void run(const Expression& expression);
  void finish(const Expression& expression, CompiledRef filter);
  void fail(const Expression& expression, int32_t code, std::string_view remark);
  std::vector<gantry_token> take(const Expression& expression);
  void forget_unused();  // needs lock_

  const Services& services_;
  const Options& options_;
  std::map<std::string, gantry_binding*, std::less<>> bindings_;  // by type; constant
  std::vector<Binder> binders_;                                   // constant
  std::vector<Shard> shards_;                                     // each used on its shard only

  std::mutex lock_;  // "filters": never held across a host call
  std::unordered_map<Expression, std::unique_ptr<Slot>, Hash> slots_;
  int64_t bytes_ = 0;  // of slots_
};

}  // namespace gantry::messaging
