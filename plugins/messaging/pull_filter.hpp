// PullFilter: which filter a pull has: what its subscription says, what an operator bound to its
// group, and for retried messages the same of the topics they came from. Owned by the Broker; holds
// nothing; on the request's shard.
#pragma once

#include <gantry/host/requests.h>

#include <optional>
#include <vector>

#include "filters.hpp"
#include "pull_check.hpp"

namespace gantry::messaging {

class PullFilter {
 public:
  explicit PullFilter(Filters& filters) : filters_(filters) {}

  enum class Found { ready, refused, compiling };
  // ready: `filter` is it, null for everything. refused: `refusal` says why. compiling: the request
  // is parked or has been answered, and `status` is what its handler returns.
  struct Outcome {
    Found found = Found::ready;
    FilterRef filter = nullptr;
    PullRefusal refusal = {};
    gantry_status status = GANTRY_OK;
  };
  // Inside handle() only. `wanted` is the subscription's; a request that timed out isn't parked again.
  Outcome find(const gantry_call& call, gantry_token token, uint32_t why, const PullPlace& place,
               const Expression& wanted);

 private:
  // An expression, and the topic whose retried messages it judges; empty: all records.
  struct Need {
    std::string_view origin;
    Expression expression;
    bool own = false;  // the subscription's
  };
  void need_bound(const gantry_call& call, std::string_view origin, std::string_view topic,
                  std::string_view group, std::vector<Need>& needs) const;
  void need_of_origins(const gantry_call& call, const PullPlace& place,
                       std::vector<Need>& needs) const;
  std::optional<Outcome> add(const gantry_call& call, gantry_token token, uint32_t why,
                             const Need& need, std::vector<Filters::Part>& parts);

  Filters& filters_;
};

}  // namespace gantry::messaging
