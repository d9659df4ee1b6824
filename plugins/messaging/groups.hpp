// Groups: configuration of consumer groups: create or change (200, 225), delete (207), one (352),
// all (201). Owned by the Broker; handlers run on shards; a change is durable before it is
// answered.
#pragma once

#include <gantry/cap/request_handler.h>

#include <vector>

#include "catalog.hpp"
#include "offset_store.hpp"
#include "offset_table.hpp"
#include "options.hpp"
#include "services.hpp"

namespace gantry::messaging {

class Groups {
 public:
  Groups(const Services& services, const Options& options, Catalog& catalog, OffsetTable& offsets,
         OffsetStore& offset_store)
      : services_(services),
        options_(options),
        catalog_(catalog),
        offsets_(offsets),
        offset_store_(offset_store) {}

  gantry_status update(const gantry_call& call, const gantry_request& request, gantry_token token,
                       uint32_t why);
  gantry_status update_list(const gantry_call& call, const gantry_request& request,
                            gantry_token token, uint32_t why);
  gantry_status remove(const gantry_call& call, const gantry_request& request, gantry_token token,
                       uint32_t why);
  gantry_status one(const gantry_call& call, const gantry_request& request, gantry_token token,
                    uint32_t why);
  gantry_status list(const gantry_request& request, gantry_token token);

 private:
  std::string check(const Group& group) const;
  gantry_status change(const gantry_call& call, gantry_token token, uint32_t why,
                       std::vector<Group> wanted);
  gantry_status forget_offsets(std::string_view group, gantry_token token);

  const Services& services_;
  const Options& options_;
  Catalog& catalog_;
  OffsetTable& offsets_;
  OffsetStore& offset_store_;
};

}  // namespace gantry::messaging
