// A page of a table, as 21 and 201 ask for it: from the seq-th name on, of one version of the
// table. Who asks with another version starts over (broker: AdminBrokerProcessor). Pure.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "protocol/bodies.hpp"
#include "protocol/headers.hpp"

namespace gantry::messaging {

inline constexpr int32_t page_max = 2000;  // RocketMQ's splitMetadataSize

struct PageWanted {
  bool whole = false;  // clients below 5.3.3 don't know of pages
  int32_t begin = 0;
  int32_t most = page_max;
  std::string version;
};

// Faults stay in the reader.
template <class Field>
PageWanted read_page(protocol::FieldReader<Field>& in, std::string_view begin_field,
                     std::string_view most_field) {
  PageWanted wanted;
  const auto begin = in.optional_i32(begin_field);
  const auto most = in.optional_i32(most_field);
  const auto version = in.find("dataVersion");
  wanted.whole = !begin && !most && !version;
  wanted.begin = std::max(begin.value_or(0), 0);
  // An empty page would have the client ask for ever.
  wanted.most = std::clamp(most.value_or(page_max), 1, page_max);
  wanted.version = version.value_or(std::string_view());
  return wanted;
}

// The part of the sorted names that is the page.
inline std::vector<std::string> page_of(std::vector<std::string> names, const PageWanted& wanted,
                                        const protocol::DataVersion& current) {
  std::sort(names.begin(), names.end());
  if (wanted.whole) return names;
  const auto version = protocol::read_body<protocol::DataVersion>(wanted.version);
  const bool same = version.has_value() && *version == current;
  const size_t begin = std::min(same ? static_cast<size_t>(wanted.begin) : 0, names.size());
  const size_t end = std::min(begin + static_cast<size_t>(wanted.most), names.size());
  return {names.begin() + static_cast<ptrdiff_t>(begin),
          names.begin() + static_cast<ptrdiff_t>(end)};
}

}  // namespace gantry::messaging
