// Record: RocketMQ's CommitLog record (versions 1 and 2) to and from bytes: what the fake log
// stores, and what tests use to make and to read records. Pure functions.
#pragma once

#include <gantry/message.h>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::sdk::fake {

constexpr size_t body_bytes_max = 4u << 20;
constexpr size_t property_bytes_max = 32767;
constexpr size_t topic_bytes_max = 255;

uint32_t crc32(std::span<const uint8_t> bytes);  // IEEE, as zlib's; unmasked

// Java's String.hashCode over UTF-16 of a UTF-8 text, sign-extended; 0 for an empty one.
int64_t tag_code(std::string_view tag);

// The value of a property in stored text (name 0x01 value 0x02 ...), or nothing.
std::optional<std::string_view> find_property(std::string_view property_text,
                                              std::string_view name);

// Appends "name 0x01 value 0x02".
void add_property(std::string& property_text, std::string_view name, std::string_view value);

// 4 or 16 address bytes and the port as a big-endian i32, from "127.0.0.1:10911".
std::string host_bytes(std::string_view address);

// What is wrong with a message before it is encoded, naming field and value; nothing when fine.
// told_bytes: what its properties may still grow by.
std::optional<std::string> refuse(const gantry_message& message, uint64_t told_bytes = 0);

// The record's bytes: offsets and stored_ms are taken from the message. Version 2 for topics of
// more than 127 bytes.
std::vector<uint8_t> encode(const gantry_message& message);

// A view of the record at the start of bytes, which may be longer; nothing if it is none, is cut
// or, with check_body, its body's CRC differs. tag_code is filled. buffer stays null.
std::optional<gantry_message> decode(std::span<const uint8_t> bytes, bool check_body = true);

}  // namespace gantry::sdk::fake
