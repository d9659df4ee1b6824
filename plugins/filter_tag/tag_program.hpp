// TagProgram: a compiled tag expression. Immutable, so any thread and any number of them.
//
// An entry whose code is none of the tags' hashes is skipped. One that has such a code is looked at,
// because different tags may have one hash ("Aa" and "BB"); so is one whose code is no hash at all: a
// topic's index_code made it, or RocketMQ's address of a longer entry.
#pragma once

#include <gantry/cap/filter.h>

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "code_set.hpp"
#include "tag_expression.hpp"

namespace gantry::filter_tag {

class TagProgram {
 public:
  explicit TagProgram(TagExpression expression);

  void match_index(const gantry_call& call, std::span<const gantry_index_entry> entries,
                   uint8_t* verdicts) const;
  void match(const gantry_call& call, const gantry_batch& batch, uint8_t* verdicts) const;

 private:
  bool has(std::string_view tag) const;

  const TagExpression expression_;
  const CodeSet codes_;
};

}  // namespace gantry::filter_tag
