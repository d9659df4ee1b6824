// Documents: topics and groups as the bytes a metadata store keeps (abi/schema). Pure; any thread.
// Reading verifies: bytes of another kind, damaged ones and ones out of bounds are an error.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "topic.hpp"

namespace gantry::messaging {

inline constexpr std::string_view topics_table = "topics";
inline constexpr std::string_view groups_table = "groups";

std::string write_document(const Topic& topic);
std::string write_document(const Group& group);

std::optional<Topic> read_topic(std::span<const uint8_t> document);
std::optional<Group> read_group(std::span<const uint8_t> document);

}  // namespace gantry::messaging
