#include "announcement.hpp"

#include <zlib.h>

#include <optional>

#include "protocol/bodies.hpp"

namespace gantry::messaging {
namespace {

// namesrv: DefaultRequestProcessor.checksum; UtilAll.crc32 drops the sign.
constexpr uint32_t crc_mask = 0x7fffffff;

std::string crc_text(const std::string& body) {
  const auto* bytes = reinterpret_cast<const Bytef*>(body.data());
  const uLong crc = crc32(0, bytes, static_cast<uInt>(body.size()));
  return std::to_string(static_cast<uint32_t>(crc) & crc_mask);
}

// Nothing when there is no memory for it.
std::optional<std::string> deflated(const std::string& body) {
  uLongf size = compressBound(static_cast<uLong>(body.size()));
  std::string out(size, '\0');
  const int status = compress2(reinterpret_cast<Bytef*>(out.data()), &size,
                               reinterpret_cast<const Bytef*>(body.data()),
                               static_cast<uLong>(body.size()), Z_BEST_COMPRESSION);
  if (status != Z_OK) return std::nullopt;
  out.resize(size);
  return out;
}

protocol::RegisterBrokerBody empty_body(const CatalogSnapshot& snapshot) {
  protocol::RegisterBrokerBody body;
  body.topics.data_version = snapshot.version;
  body.topics.mapping_data_version.timestamp = snapshot.version.timestamp;
  return body;
}

}  // namespace

Announcement::Message Announcement::registration(const std::set<std::string>& topics,
                                                 Form form) const {
  const auto snapshot = catalog_.latest();
  protocol::RegisterBrokerBody body = empty_body(*snapshot);
  for (const std::string& name : topics) {
    if (const Topic* topic = snapshot->topics.find(name)) add(body, *topic);
  }
  return registration(body, form);
}

Announcement::Message Announcement::registration_of_all(Form form) const {
  const auto snapshot = catalog_.latest();
  protocol::RegisterBrokerBody body = empty_body(*snapshot);
  snapshot->topics.for_each([&](const Topic& topic) { add(body, topic); });
  return registration(body, form);
}

Announcement::Message Announcement::registration(const protocol::RegisterBrokerBody& body,
                                                 Form form) const {
  std::optional<std::string> packed;
  if (form.compressed) packed = deflated(protocol::write_register_layout(body));
  Message out{identity(), packed ? std::move(*packed) : protocol::write_body(body)};
  out.fields.emplace_back("haServerAddr", node_.ha_address);
  out.fields.emplace_back("enableActingMaster", "false");
  out.fields.emplace_back("compressed", packed ? "true" : "false");
  out.fields.emplace_back("bodyCrc32", form.leaves_process ? crc_text(out.body) : "0");
  return out;
}

// A topic allows no more than its broker.
void Announcement::add(protocol::RegisterBrokerBody& body, const Topic& topic) const {
  Topic& told = body.topics.topics.emplace(topic.name, topic).first->second;
  told.perm &= ~options_.withheld_perm();
}

Announcement::Message Announcement::query() const {
  return {identity(), protocol::write_body(catalog_.latest()->version)};
}

Announcement::Fields Announcement::identity() const {
  return {{"brokerName", node_.broker},
          {"brokerAddr", node_.address},
          {"clusterName", node_.cluster},
          {"brokerId", std::to_string(node_.broker_id)}};
}

}  // namespace gantry::messaging
