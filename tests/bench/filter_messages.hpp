// Messages for filters to judge, and what a C++ programmer would write instead of an expression.
#pragma once

#include <gantry/message.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::bench {

constexpr size_t message_count = 800;  // what a scanning pull judges at a time
constexpr int tag_kinds = 100;         // of the messages; n tags hit n percent

// "OrderTag0 || OrderTag1 ..."
std::string tags_expression(int tags);

// About 36 % of the messages match. All three mean the same.
constexpr std::string_view typical_expression =
    "(region = 'eu' OR region = 'us') AND amount > 100 AND currency <> 'USD'";
bool matches_by_hand(std::string_view property_text);
constexpr std::string_view typical_script =
    "return function(message)\n"
    "  local properties = message.properties\n"
    "  local region = properties.region\n"
    "  if region ~= 'eu' and region ~= 'us' then return false end\n"
    "  local amount = tonumber(properties.amount)\n"
    "  if not amount or amount <= 100 then return false end\n"
    "  local currency = properties.currency\n"
    "  return currency ~= nil and currency ~= 'USD'\n"
    "end\n";

// Eight properties each: three that are asked for among five that are not.
struct FilterMessages {
  FilterMessages();
  FilterMessages(const FilterMessages&) = delete;
  FilterMessages& operator=(const FilterMessages&) = delete;

  gantry_batch batch() const {
    return {sizeof(gantry_batch), sizeof(gantry_message), message_count, 0, messages.data()};
  }

  std::vector<std::string> texts;
  std::vector<gantry_index_entry> entries;
  std::vector<gantry_message> messages;
};

}  // namespace gantry::bench
