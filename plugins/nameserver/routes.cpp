#include "routes.hpp"

#include <algorithm>
#include <utility>

#include "protocol/codes.hpp"

namespace gantry::nameserver {
namespace {

constexpr int64_t master_id = 0;

}  // namespace

template <class Map, class Value>
void Routes::set(Map& map, const typename Map::key_type& key, Value value) {
  const auto [at, fresh] = map.try_emplace(key);
  if (!fresh && at->second == value) return;
  at->second = std::move(value);
  changed_ = true;
}

Routes::Accepted Routes::register_broker(const Registration& from, uint64_t session,
                                         int64_t now_ms) {
  const BrokerId& broker = from.broker;
  const std::lock_guard lock(mutex_);
  const auto before = current_.brokers.find(broker.name);
  protocol::BrokerAddresses addresses;
  if (before != current_.brokers.end()) addresses = before->second.addresses;
  const auto same_id = addresses.find(broker.id);
  const bool is_first = same_id == addresses.end();
  // One topic is how a broker adds to what it registered; without that it would hide all others.
  if (is_first && from.body.topics.topics.size() == 1) {
    return {.kind = Accepted::Kind::lone_topic, .master_address = {}, .ha_address = {}};
  }
  if (!is_first && same_id->second != broker.address) {
    if (is_outdated(from, same_id->second)) {
      lives_.erase({broker.cluster, broker.address});
      return {.kind = Accepted::Kind::outdated, .master_address = {}, .ha_address = {}};
    }
    // One id has one address, and one address one id. Who is replaced stops living here, whatever
    // its session still does.
    lives_.erase({broker.cluster, same_id->second});
  }
  std::erase_if(addresses, [&](const auto& entry) { return entry.second == broker.address; });
  addresses[broker.id] = broker.address;

  // Topics are told by the master, or by the lowest slave that stands in for it.
  const bool stands_in = broker.id != master_id && from.acting_master.has_value() &&
                         addresses.begin()->first == broker.id;
  set(current_.brokers, broker.name,
      protocol::BrokerData{broker.cluster, broker.name, std::move(addresses), from.zone,
                           from.acting_master.value_or(false)});
  const auto life = lives_.find({broker.cluster, broker.address});
  const bool changed =
      is_first || life == lives_.end() || life->second.version != from.body.topics.data_version;
  if (broker.id == master_id || stands_in) register_topics(from, stands_in, changed);
  if (!from.body.filter_servers.empty())
    set(current_.filter_servers, broker.address, from.body.filter_servers);
  else if (current_.filter_servers.erase(broker.address) > 0)
    changed_ = true;
  lives_[{broker.cluster, broker.address}] = {broker.name,     from.ha_address,
                                              session,         now_ms,
                                              from.timeout_ms, from.body.topics.data_version};
  publish();
  return accepted(broker);
}

// namesrv: RouteInfoManager.registerBroker. The state version is a controller's: of two that claim
// an id, the one it chose last has the higher.
bool Routes::is_outdated(const Registration& from, const std::string& address) const {
  const auto other = lives_.find({from.broker.cluster, address});
  return other != lives_.end() &&
         other->second.version.state_version > from.body.topics.data_version.state_version;
}

// A stand-in's topics can be read only: nobody takes writes for a master that is gone. A broker
// that says what it said before brings back what is gone, but not what an operator changed since: a
// permission that was taken stays taken.
void Routes::register_topics(const Registration& from, bool stands_in, bool changed) {
  const std::string& broker = from.broker.name;
  for (const auto& [name, topic] : from.body.topics.topics) {
    if (!changed && current_.topics[name].contains(broker)) continue;
    const int32_t perm = stands_in ? topic.perm & ~protocol::perm::write : topic.perm;
    set(current_.topics[name], broker,
        protocol::QueueData{broker, topic.read_queues, topic.write_queues, perm,
                            topic.topic_sys_flag});
  }
}

Routes::Accepted Routes::accepted(const BrokerId& broker) const {
  Accepted out;
  if (broker.id == master_id) return out;
  const protocol::BrokerAddresses& addresses = current_.brokers.at(broker.name).addresses;
  const auto master = addresses.find(master_id);
  if (master == addresses.end()) return out;
  const auto life = lives_.find({broker.cluster, master->second});
  if (life == lives_.end()) return out;
  out.master_address = master->second;
  out.ha_address = life->second.ha_address;
  return out;
}

void Routes::unregister(const BrokerId& broker) {
  const std::lock_guard lock(mutex_);
  const LifeKey key{broker.cluster, broker.address};
  const auto life = lives_.find(key);
  if (life == lives_.end() || life->second.broker_name != broker.name) return;
  remove(key);
  publish();
}

std::optional<protocol::DataVersion> Routes::query(const BrokerId& broker, uint64_t session,
                                                   int64_t now_ms) {
  const std::lock_guard lock(mutex_);
  const auto life = lives_.find({broker.cluster, broker.address});
  if (life == lives_.end() || life->second.broker_name != broker.name) return std::nullopt;
  life->second.session = session;
  life->second.heard_ms = now_ms;
  return life->second.version;
}

std::vector<std::string> Routes::forget_session(uint64_t session) {
  return remove_if([=](const Life& life) { return life.session == session; });
}

std::vector<std::string> Routes::expire(int64_t now_ms) {
  return remove_if([=](const Life& life) { return now_ms - life.heard_ms > life.timeout_ms; });
}

template <class Ended>
std::vector<std::string> Routes::remove_if(Ended ended) {
  const std::lock_guard lock(mutex_);
  std::vector<LifeKey> keys;
  for (const auto& [key, life] : lives_)
    if (ended(life)) keys.push_back(key);
  std::vector<std::string> addresses;
  for (const LifeKey& key : keys) {
    remove(key);
    addresses.push_back(key.second);
  }
  publish();
  return addresses;
}

// Takes one broker out, and with a name's last one its queues.
void Routes::remove(const LifeKey& key) {
  const std::string name = lives_.extract(key).mapped().broker_name;
  const std::string& address = key.second;
  changed_ = true;
  current_.filter_servers.erase(address);
  const auto broker = current_.brokers.find(name);
  if (broker == current_.brokers.end()) return;
  protocol::BrokerAddresses& addresses = broker->second.addresses;
  std::erase_if(addresses, [&](const auto& entry) { return entry.second == address; });
  const bool stand_in_stays = broker->second.acting_master && !addresses.contains(master_id);
  for (auto topic = current_.topics.begin(); topic != current_.topics.end();) {
    auto& [topic_name, rows] = *topic;
    const auto row = rows.find(name);
    if (row != rows.end() && addresses.empty())
      rows.erase(row);
    else if (row != rows.end() && stand_in_stays)
      row->second.perm &= ~protocol::perm::write;
    topic = rows.empty() ? current_.topics.erase(topic) : std::next(topic);
  }
  if (addresses.empty()) current_.brokers.erase(broker);
}

size_t Routes::set_writable(const std::string& broker, bool writable) {
  const std::lock_guard lock(mutex_);
  size_t topics = 0;
  for (auto& [topic, rows] : current_.topics) {
    const auto row = rows.find(broker);
    if (row == rows.end()) continue;
    const int32_t perm = row->second.perm;
    row->second.perm =
        writable ? protocol::perm::read | protocol::perm::write : perm & ~protocol::perm::write;
    changed_ |= row->second.perm != perm;
    ++topics;
  }
  publish();
  return topics;
}

void Routes::delete_topic(const std::string& topic, const std::string& cluster) {
  const std::lock_guard lock(mutex_);
  const auto found = current_.topics.find(topic);
  if (found == current_.topics.end()) return;
  const size_t gone = std::erase_if(found->second, [&](const auto& row) {
    const auto broker = current_.brokers.find(row.first);
    return cluster.empty() ||
           (broker != current_.brokers.end() && broker->second.cluster == cluster);
  });
  if (found->second.empty()) current_.topics.erase(found);
  changed_ |= gone > 0;
  publish();
}

std::optional<std::string> Routes::register_topic(const std::string& topic,
                                                  const std::vector<protocol::QueueData>& queues) {
  const std::lock_guard lock(mutex_);
  for (const protocol::QueueData& row : queues)
    if (!current_.brokers.contains(row.broker_name)) return row.broker_name;
  for (const protocol::QueueData& row : queues) set(current_.topics[topic], row.broker_name, row);
  publish();
  return std::nullopt;
}

void Routes::heard(const std::string& cluster, const std::string& address, int64_t now_ms) {
  const std::lock_guard lock(mutex_);
  if (const auto life = lives_.find({cluster, address}); life != lives_.end())
    life->second.heard_ms = now_ms;
}

void Routes::publish() {
  if (!std::exchange(changed_, false)) return;
  auto table = std::make_shared<const RouteTable>(current_);
  const std::lock_guard lock(published_mutex_);
  published_.swap(table);
}

}  // namespace gantry::nameserver
