#include "protocol/bytes.hpp"
#include "protocol/message.hpp"
#include "protocol/properties.hpp"

namespace gantry::protocol {
namespace {

constexpr std::size_t item_bytes_min = 22;  // size, magic, CRC, flag and the two lengths

}  // namespace

Result<void> append_batch_item(std::string& out, const BatchItem& item) {
  if (item.properties.size() > property_bytes_max) {
    return error("properties of " + std::to_string(item.properties.size()) + " bytes, more than " +
                 std::to_string(property_bytes_max));
  }
  const std::size_t size = item_bytes_min + item.body.size() + item.properties.size();
  out.reserve(out.size() + size);
  append_be(out, static_cast<std::int32_t>(size));
  append_be(out, std::int32_t{0});  // magic and body CRC are not used
  append_be(out, std::int32_t{0});
  append_be(out, item.flag);
  append_be(out, static_cast<std::int32_t>(item.body.size()));
  out += item.body;
  append_be(out, static_cast<std::int16_t>(item.properties.size()));
  out += item.properties;
  return {};
}

std::optional<BatchItem> BatchReader::next() {
  if (at_ == body_.size() || failed()) return std::nullopt;
  // The size in front is not relied on (Java skips it); it must only agree with what follows.
  ByteReader in(body_.substr(at_));
  const auto size = in.number<std::int32_t>();
  in.text(8);
  BatchItem item;
  item.flag = in.number<std::int32_t>();
  item.body = in.text(in.number<std::int32_t>());
  item.properties = in.text(in.number<std::int16_t>());
  if (!in.ok()) {
    fault_ = error("byte " + std::to_string(at_) + ": a batch item goes beyond the body's " +
                   std::to_string(body_.size()) + " bytes");
    return std::nullopt;
  }
  if (size < 0 || static_cast<std::size_t>(size) != in.at()) {
    fault_ = error("byte " + std::to_string(at_) + ": a batch item says it has " +
                   std::to_string(size) + " bytes, it has " + std::to_string(in.at()));
    return std::nullopt;
  }
  at_ += in.at();
  return item;
}

Result<std::vector<BatchItem>> decode_batch(std::string_view body) {
  std::vector<BatchItem> items;
  BatchReader reader(body);
  while (auto item = reader.next()) items.push_back(*item);
  if (reader.failed()) return reader.fault();
  return items;
}

}  // namespace gantry::protocol
