// Workload: what the simulated clients send. Topics, queues, sizes that like the ends of files, the
// properties the consumers read. Pure functions of an Rng.
#pragma once

#include <string>
#include <string_view>

#include "ledger.hpp"
#include "support/rng.hpp"

namespace gantry::sim {

constexpr int32_t transaction_mask = 0xc;
constexpr int32_t transaction_prepared = 0x4;

constexpr std::string_view delay_topic = "DELAY";      // its records ask for a derived one
constexpr std::string_view derived_topic = "DERIVED";  // where those go
constexpr std::string_view cause_property = "CAUSE";   // log offset of the record that asked
constexpr std::string_view batch_topic = "BATCH";      // inner batches only
// Queues that a record can be numbered in besides its own: the first n of them.
constexpr std::string_view further_queues[] = {"%LMQ%a", "%LMQ%b"};
constexpr std::string_view span_property = "SPAN";  // numbers an inner batch takes

// "name 0x01 value 0x02", and the value of one of them; empty when there is none.
std::string property(std::string_view name, int64_t value);
std::string property_of(std::string_view text, std::string_view name);

bool is_further(const QueueName& queue);

QueueName draw_queue(testing::Rng& rng);
// A record's body: its serial, then letters. `room`: the bytes left in the log's last file, into
// which it sometimes fits to the byte, or just not.
std::string draw_body(testing::Rng& rng, uint64_t serial, uint64_t overhead, uint64_t room);

}  // namespace gantry::sim
