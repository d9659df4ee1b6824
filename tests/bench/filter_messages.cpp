#include "filter_messages.hpp"

#include <fmt/format.h>

#include <charconv>

#include "protocol/ids.hpp"
#include "protocol/properties.hpp"

namespace gantry::bench {
namespace {

std::string tag_of(size_t i) {
  return fmt::format("OrderTag{}", i * 7919 % tag_kinds);
}

// A share of the messages, spread so that no branch is foreseen.
bool in_share(size_t i, uint64_t salt, uint64_t percent) {
  uint64_t mixed = (i + 1) * 0x9E3779B97F4A7C15u + salt * 0xBF58476D1CE4E5B9u;
  mixed = (mixed ^ mixed >> 31) * 0x94D049BB133111EBu;
  return (mixed >> 33) % 100 < percent;
}

std::string properties_of(size_t i) {
  const char* region = in_share(i, 1, 20) ? "cn" : in_share(i, 2, 50) ? "eu" : "us";
  const size_t amount = in_share(i, 3, 60) ? 101 + i * 37 % 9'000 : i % 101;
  const char* currency = in_share(i, 4, 25) ? "USD" : "EUR";
  std::string text;
  const auto add = [&](std::string_view name, std::string_view value) {
    protocol::append_property(text, name, value);
  };
  add("KEYS", fmt::format("order-{}", 100'000 + i));
  add("UNIQ_KEY", fmt::format("7F0000012DA5D2BC1EC87AAEB738{:04X}", i));
  add("region", region);
  add("TAGS", tag_of(i));
  add("WAIT", "true");
  add("amount", std::to_string(amount));
  add("customer", fmt::format("c{:08}", i * 7919));
  add("currency", currency);
  return text;
}

}  // namespace

std::string tags_expression(int tags) {
  std::string text;
  for (int i = 0; i < tags; ++i) text += fmt::format("{}OrderTag{}", i ? " || " : "", i);
  return text;
}

bool matches_by_hand(std::string_view property_text) {
  std::string_view region, amount, currency;
  for (const auto& [name, value] : protocol::Properties(property_text)) {
    if (name == "region") {
      region = value;
    } else if (name == "amount") {
      amount = value;
    } else if (name == "currency") {
      currency = value;
    }
  }
  if (region != "eu" && region != "us") return false;
  int number = 0;
  const char* const end = amount.data() + amount.size();
  const auto [stop, error] = std::from_chars(amount.data(), end, number);
  if (error != std::errc() || stop != end || number <= 100) return false;
  return !currency.empty() && currency != "USD";
}

FilterMessages::FilterMessages()
    : texts(message_count), entries(message_count), messages(message_count) {
  for (size_t i = 0; i < message_count; ++i) {
    texts[i] = properties_of(i);
    entries[i] = {0, protocol::tag_code(tag_of(i)), 1024, 0};
    messages[i].struct_size = sizeof messages[i];
    messages[i].property_text = {texts[i].data(), texts[i].size()};
  }
}

}  // namespace gantry::bench
