// Numbers: what a stored record says of the numbers it has in its queue and in further ones, as
// RocketMQ keeps them in its properties. Pure functions. Internal.
#pragma once

#include <gantry/message.h>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace gantry::sdk::fake {

bool is_inner_batch(const gantry_message& record);

// How far a stored record moved its queue's counter: 0 for prepared and rolled back halves.
int64_t numbers_taken(const gantry_message& record);

// The number behind the one a stored record has in a further queue; 0 if it has none there.
int64_t number_behind(const gantry_message& record, std::string_view stream);

// The most that tell_numbers() may add to the properties of a record.
uint64_t told_bytes_max(const gantry_message& record, uint32_t stream_count);

// The properties of a record with the numbers it gets, behind the others: an inner batch's first
// one, then those in further queues.
std::string tell_numbers(const gantry_message& record, int64_t own,
                         std::span<const int64_t> streams);

}  // namespace gantry::sdk::fake
