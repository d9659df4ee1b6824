#include "filter.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "protocol/properties.hpp"

namespace gantry::messaging {
namespace {

constexpr std::string_view tag = "TAG";
constexpr uint32_t together_max = 32;  // messages put together for one call

bool is_error(uint8_t verdict) {
  return verdict != GANTRY_VERDICT_DELIVER && verdict != GANTRY_VERDICT_SKIP;
}

const gantry_message& message_at(const gantry_batch& batch, uint32_t i) {
  const auto* first = reinterpret_cast<const char*>(batch.first);
  return *reinterpret_cast<const gantry_message*>(first + size_t{i} * batch.stride);
}

// Those of the first `count` messages that are still wanted are asked for by `filter`. Who can't be
// judged ends the matter: what comes behind is of no interest, so `count` becomes its place.
gantry_status ask_for_wanted(const gantry_call& call, const Filter& filter,
                             const gantry_batch& batch, uint8_t* verdicts, uint32_t& count) {
  std::array<gantry_message, together_max> messages;
  std::array<uint32_t, together_max> places;
  std::array<uint8_t, together_max> own;
  for (uint32_t i = 0; i < count;) {
    uint32_t wanted = 0;
    for (; i < count && wanted < together_max; ++i) {
      if (verdicts[i] != GANTRY_VERDICT_DELIVER) continue;
      messages[wanted] = message_at(batch, i);
      places[wanted++] = i;
    }
    if (wanted == 0) break;
    const gantry_batch asked{sizeof asked, sizeof messages[0], wanted, 0, messages.data()};
    const gantry_status status = filter.match(call, asked, own.data());
    if (status < 0) return status;
    for (uint32_t k = 0; k < wanted; ++k) {
      verdicts[places[k]] = own[k];
      if (!is_error(own[k])) continue;
      count = places[k];
      return GANTRY_OK;
    }
  }
  return GANTRY_OK;
}

}  // namespace

Expression expression(std::string_view type, std::string_view text) {
  return {type.empty() ? tag : type, text};
}

bool is_everything(const Expression& expression) {
  return expression.type == tag && (expression.text.empty() || expression.text == "*");
}

gantry_status Compiled::match_index(const gantry_call& call,
                                    std::span<const gantry_index_entry> entries,
                                    uint8_t* verdicts) const {
  return program_->match_index(call, entries, verdicts);
}

gantry_status Compiled::match(const gantry_call& call, const gantry_batch& batch,
                              uint8_t* verdicts) const {
  call.error->text[0] = '\0';
  const gantry_status status = program_->match(call, batch, verdicts);
  if (status == GANTRY_REFUSED) return status;
  if (status < 0) std::fill_n(verdicts, batch.count, uint8_t{GANTRY_VERDICT_ERROR});
  const uint8_t* const error = std::find_if(verdicts, verdicts + batch.count, is_error);
  if (error == verdicts + batch.count) return GANTRY_OK;
  if (!call.error->text[0]) sdk::set_error(call.error, GANTRY_FAULT, "its verdict is an error");
  if (!complained_.exchange(true)) {
    const gantry_message& message = message_at(batch, static_cast<uint32_t>(error - verdicts));
    services_.warn("filter " + type_ + " \"" + text_ + "\" cannot judge message " +
                   std::to_string(message.queue_offset) + " of " +
                   std::string(sdk::view(message.topic)) + "/" + std::to_string(message.queue_id) +
                   ", its consumers stop there: " + call.error->text);
  }
  return GANTRY_OK;
}

gantry_status AllOf::match_index(const gantry_call& call,
                                 std::span<const gantry_index_entry> entries,
                                 uint8_t* verdicts) const {
  std::fill_n(verdicts, entries.size(), uint8_t{GANTRY_VERDICT_DELIVER});
  std::array<uint8_t, 256> own;
  for (size_t at = 0; at < entries.size(); at += own.size()) {
    const auto part = entries.subspan(at, std::min(own.size(), entries.size() - at));
    for (const FilterRef& filter : filters_) {
      const gantry_status status = filter->match_index(call, part, own.data());
      if (status < 0) return status;
      for (size_t i = 0; i < part.size(); ++i) {
        uint8_t& verdict = verdicts[at + i];
        if (own[i] == GANTRY_VERDICT_SKIP) verdict = GANTRY_VERDICT_SKIP;
        if (own[i] != GANTRY_VERDICT_DELIVER && verdict != GANTRY_VERDICT_SKIP)
          verdict = GANTRY_VERDICT_LOOK;
      }
    }
  }
  return GANTRY_OK;
}

gantry_status AllOf::match(const gantry_call& call, const gantry_batch& batch,
                           uint8_t* verdicts) const {
  std::fill_n(verdicts, batch.count, uint8_t{GANTRY_VERDICT_DELIVER});
  uint32_t count = batch.count;
  for (const FilterRef& filter : filters_) {
    const gantry_status status = ask_for_wanted(call, *filter, batch, verdicts, count);
    if (status < 0) return status;
  }
  return GANTRY_OK;
}

gantry_status ByOrigin::match_index(const gantry_call&, std::span<const gantry_index_entry> entries,
                                    uint8_t* verdicts) const {
  std::fill_n(verdicts, entries.size(), uint8_t{GANTRY_VERDICT_LOOK});
  return GANTRY_OK;
}

gantry_status ByOrigin::match(const gantry_call& call, const gantry_batch& batch,
                              uint8_t* verdicts) const {
  std::fill_n(verdicts, batch.count, uint8_t{GANTRY_VERDICT_DELIVER});
  for (uint32_t i = 0; i < batch.count; ++i) {
    const gantry_message& message = message_at(batch, i);
    const auto origin = protocol::find_property(sdk::view(message.property_text),
                                                protocol::property::retry_topic);
    const auto filter = origin ? filters_.find(*origin) : filters_.end();
    if (filter == filters_.end()) continue;
    const gantry_batch alone{sizeof alone, sizeof message, 1, 0, &message};
    const gantry_status status = filter->second->match(call, alone, verdicts + i);
    if (status < 0) return status;
    if (is_error(verdicts[i])) return GANTRY_OK;
  }
  return GANTRY_OK;
}

}  // namespace gantry::messaging
