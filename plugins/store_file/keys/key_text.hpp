// The texts a record is indexed under, as hashes: topic#UNIQ_KEY, topic#<each of KEYS>, and
// topic#T#TAGS (RocketMQ 5.5.0). Pure functions, any thread.
#pragma once

#include <gantry/message.h>

#include <cstdint>
#include <string_view>
#include <vector>

namespace gantry::store_file {

// Which key, as gantry_key_query.kind says, of a topic: the number entries carry.
int32_t key_hash(std::string_view topic, uint32_t kind, std::string_view key);

// Replaces `out` by the hashes of a record's keys, in the order RocketMQ writes their entries.
// Rollback records have none.
void hash_keys(const gantry_message& message, std::vector<int32_t>& out);

}  // namespace gantry::store_file
