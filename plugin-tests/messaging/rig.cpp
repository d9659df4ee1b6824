#include "rig.hpp"

#include <catch2/catch.hpp>

#include "cpp/capabilities.hpp"

namespace gantry::messaging::test {
namespace {

// The nameserver of a test: remembers and answers. One at a time: tests run one after the other.
struct NameserverBook {
  std::vector<Told> told;
  int32_t answer = 0;
};
std::unique_ptr<NameserverBook> book;  // of the rig there is

class Nameserver : public sdk::Module {
 public:
  using Module::Module;
  gantry_status handle(const gantry_call&, const gantry_request& request, gantry_token token,
                       uint32_t) {
    Told told{request.code, {}, {}};
    for (uint32_t i = 0; i < request.field_count; ++i) {
      told.fields.emplace_back(sdk::view(request.fields[i].key),
                               sdk::view(request.fields[i].value));
    }
    for (uint32_t i = 0; i < request.body_count; ++i) {
      told.body.append(reinterpret_cast<const char*>(request.body[i].data), request.body[i].size);
    }
    book->told.push_back(std::move(told));
    gantry_response response{};
    response.struct_size = sizeof response;
    response.code = book->answer;
    host_.service<gantry_requests>(GANTRY_HOST_REQUESTS).respond(host_.raw(), token, &response);
    return GANTRY_OK;
  }
  void session_closed(const gantry_call&, gantry_session) {}
};

constexpr gantry_route register_route = sdk::route(103, GANTRY_ACCESS_ADMIN);
constexpr gantry_route unregister_route = sdk::route(104, GANTRY_ACCESS_ADMIN);
constexpr const gantry_route* routes[] = {&register_route, &unregister_route};
constexpr gantry_request_handler handler = sdk::request_handler<Nameserver>(routes);
constexpr gantry_offer offer = sdk::offer(GANTRY_CAP_REQUEST_HANDLER, "", &handler);
constexpr const gantry_offer* offers[] = {&offer};
constexpr gantry_need need_requests = sdk::need(GANTRY_HOST_REQUESTS);
constexpr const gantry_need* needs[] = {&need_requests};
constexpr gantry_module nameserver_module =
    sdk::module<Nameserver>({.name = "nameserver", .offers = offers, .needs = needs});
constexpr const gantry_module* modules[] = {&nameserver_module};
constexpr gantry_plugin nameserver_plugin = sdk::plugin("test.nameserver", "1", modules);

constexpr gantry_queue_index index_table = sdk::queue_index<LogIndex>();
constexpr gantry_key_index keys_table = sdk::key_index<LogKeys>();

fake::HostOptions host_options(const RigOptions& given, fake::Log& log) {
  fake::HostOptions options;
  options.shard_count = given.shards;
  options.advertise = {{"nameserver", "127.0.0.1:9876"}, {"broker", given.address}};
  options.log = &log;
  options.message_bytes_max = given.log_takes;
  return options;
}

fake::Fields with(fake::Fields fields, const Overrides& overrides) {
  for (const auto& [key, value] : overrides) {
    const auto at = std::find_if(fields.begin(), fields.end(),
                                 [&](const auto& field) { return field.first == key; });
    if (value == absent) {
      if (at != fields.end()) fields.erase(at);
    } else if (at != fields.end()) {
      at->second = value;
    } else {
      fields.emplace_back(key, value);
    }
  }
  return fields;
}

int32_t span_of(const gantry_message& record) {
  if ((record.sys_flag & protocol::message_flag::inner_batch) == 0) return 0;
  const auto count = fake::find_property(sdk::view(record.property_text), "INNER_NUM");
  return count ? std::stoi(std::string(*count)) : 0;
}

// One light queue a record is enough for the tests.
bool is_in_light_queue(const gantry_message& record, std::string_view topic) {
  return fake::find_property(sdk::view(record.property_text), "INNER_MULTI_DISPATCH") == topic;
}

// The queue offset behind an entry.
int64_t end_of(int64_t queue_offset, const gantry_index_entry& entry) {
  return queue_offset + std::max(entry.span, 1);
}

}  // namespace

// ── index
std::vector<LogIndex::Entry> LogIndex::queue(std::string_view topic, int32_t queue_id) const {
  if (const auto at = frozen_.find({std::string(topic), queue_id}); at != frozen_.end()) {
    return at->second;
  }
  std::vector<Entry> found;
  for (const gantry_message& record : log_.records(log_.begin(), log_.mark(GANTRY_MARK_VISIBLE))) {
    if (queue_id == 0 && is_in_light_queue(record, topic)) {
      found.push_back({static_cast<int64_t>(found.size()),
                       {record.log_offset, record.tag_code,
                        static_cast<int32_t>(record.record_size), 0},
                       record.stored_ms});
    }
    if (sdk::view(record.topic) != topic || record.queue_id != queue_id) continue;
    found.push_back({record.queue_offset,
                     {record.log_offset, record.tag_code,
                      static_cast<int32_t>(record.record_size), span_of(record)},
                     record.stored_ms});
  }
  return found;
}

void LogIndex::freeze(const std::string& topic, int32_t queue_id) {
  frozen_[{topic, queue_id}] = queue(topic, queue_id);
}

void LogIndex::reverse(const std::string& topic, int32_t queue_id) {
  freeze(topic, queue_id);
  std::vector<Entry>& entries = frozen_[{topic, queue_id}];
  for (size_t i = 0, j = entries.size(); i + 1 < j; ++i)
    std::swap(entries[i].entry, entries[--j].entry);
}

void LogIndex::repeat_last(const std::string& topic, int32_t queue_id) {
  freeze(topic, queue_id);
  std::vector<Entry>& entries = frozen_[{topic, queue_id}];
  entries.push_back(entries.back());
  ++entries.back().queue_offset;
}

int64_t LogIndex::least(std::string_view topic) const {
  const auto at = trimmed.find(std::string(topic));
  return at == trimmed.end() ? 0 : at->second;
}

gantry_status LogIndex::bounds(const gantry_call*, gantry_str topic, int32_t queue_id,
                               gantry_queue_bounds& out) {
  if (before_bounds) std::exchange(before_bounds, nullptr)();
  const auto entries = queue(sdk::view(topic), queue_id);
  out = {0, 0};
  if (entries.empty()) return GANTRY_GONE;
  out = {std::max(least(sdk::view(topic)), entries.front().queue_offset),
         end_of(entries.back().queue_offset, entries.back().entry)};
  return GANTRY_OK;
}

gantry_status LogIndex::read(const gantry_call*, gantry_str topic, int32_t queue_id, bool may_block,
                             int64_t from, gantry_index_entry* entries, uint32_t capacity,
                             uint32_t& count) {
  count = 0;
  const auto stored = queue(sdk::view(topic), queue_id);
  if (stored.empty() || from < least(sdk::view(topic))) return GANTRY_GONE;
  if (cold && !may_block) return GANTRY_WOULD_BLOCK;
  for (const auto& [queue_offset, entry, stored_ms] : stored) {
    if (end_of(queue_offset, entry) > from && count < capacity) entries[count++] = entry;
  }
  return GANTRY_OK;
}

gantry_status LogIndex::at_time(const gantry_call&, gantry_str topic, int32_t queue_id, bool upper,
                                int64_t time_ms, int64_t& queue_offset) {
  const auto stored = queue(sdk::view(topic), queue_id);
  if (stored.empty()) return GANTRY_GONE;
  const int64_t min = std::max(least(sdk::view(topic)), stored.front().queue_offset);
  queue_offset = upper ? min : stored.back().queue_offset + 1;
  for (const Entry& entry : stored) {
    if (entry.queue_offset < min) continue;
    if (upper && entry.stored_ms <= time_ms) queue_offset = entry.queue_offset;
    if (!upper && entry.stored_ms >= time_ms) {
      queue_offset = entry.queue_offset;
      break;
    }
  }
  return GANTRY_OK;
}

gantry_status LogKeys::find(const gantry_call*, const gantry_key_query& query,
                            gantry_key_hits& hits) {
  std::vector<int64_t> found = extra;
  const auto records = log_.records(log_.begin(), log_.mark(GANTRY_MARK_VISIBLE));
  for (auto record = records.rbegin(); record != records.rend(); ++record) {
    if (sdk::view(record->topic) != sdk::view(query.topic)) continue;
    if (record->stored_ms < query.begin_ms || record->stored_ms > query.end_ms) continue;
    found.push_back(record->log_offset);
  }
  hits.more = found.size() > hits.capacity;
  hits.count = static_cast<uint32_t>(std::min<size_t>(found.size(), hits.capacity));
  std::copy_n(found.begin(), hits.count, hits.log_offsets);
  if (!records.empty()) {
    hits.newest_ms = records.back().stored_ms;
    hits.newest_log_offset = records.back().log_offset;
  }
  return GANTRY_OK;
}

// ── rig
Rig::Rig(RigOptions options, fake::Log* log, fake::MetadataStore* metadata, bool start)
    : Rig(options, log ? nullptr : std::make_unique<fake::Log>(),
          metadata ? nullptr : std::make_unique<fake::MetadataStore>(), log, metadata, start) {}

Rig::Rig(RigOptions options, std::unique_ptr<fake::Log> own_log,
         std::unique_ptr<fake::MetadataStore> own_metadata, fake::Log* given_log,
         fake::MetadataStore* given_metadata, bool start)
    : own_log_(std::move(own_log)),
      own_metadata_(std::move(own_metadata)),
      log(given_log ? *given_log : *own_log_),
      metadata(given_metadata ? *given_metadata : *own_metadata_),
      index(log),
      keys(log),
      host(host_options(options, log)) {
  book = std::make_unique<NameserverBook>();
  if (options.nameserver) {
    host.load(nameserver_plugin, "nameserver");
    options.settings.emplace("nameservers", fake::SettingValue::List{"door:nameserver"});
  }
  static const fake::Library filter_tag(std::string(GANTRY_PLUGIN_DIR) + "/filter_tag.so");
  if (options.tag_filter) host.load(filter_tag.plugin(), "filter_tag");
  if (options.sql_filter) host.offer(sql, "SQL92");
  messaging = &host.load(gantry_plugin_v1, "messaging", options.settings);
  host.offer(metadata);
  host.offer(GANTRY_CAP_QUEUE_INDEX, "", &index_table, reinterpret_cast<gantry_instance*>(&index));
  if (options.key_index) {
    host.offer(GANTRY_CAP_KEY_INDEX, "", &keys_table, reinterpret_cast<gantry_instance*>(&keys));
  }
  host.door("broker", {"messaging"});
  if (start) {
    host.start();
    host.run_until_idle();
  }
}

// The host stops while the log it borrows still lives.
Rig::~Rig() noexcept(false) {
  host.stop();
  book.reset();
}

const std::vector<Told>& Rig::told() const {
  return book->told;
}
void Rig::forget_told() {
  book->told.clear();
}
void Rig::nameserver_answers(int32_t code) {
  book->answer = code;
}

fake::Answer Rig::ask(int32_t code, fake::Fields fields, std::string body, gantry_session session) {
  fake::Request request;
  request.code = code;
  request.fields = std::move(fields);
  request.body = std::move(body);
  request.session = session;
  return host.request("broker", request);
}

std::shared_ptr<const fake::Exchange> Rig::send(int32_t code, fake::Fields fields, std::string body,
                                                gantry_session session) {
  fake::Request request;
  request.code = code;
  request.fields = std::move(fields);
  request.body = std::move(body);
  request.session = session;
  return host.send("broker", request);
}

// ── requests
fake::Fields send_v2(const std::string& topic, Overrides overrides) {
  return with({{"a", "PID"},
               {"b", topic},
               {"c", "TBW102"},
               {"d", "4"},
               {"e", "0"},
               {"f", "0"},
               {"g", "1700000000000"},
               {"h", "0"},
               {"i", properties({{"KEYS", "k"}, {"UNIQ_KEY", "U1"}, {"WAIT", "true"}})},
               {"j", "0"},
               {"k", "false"},
               {"m", "false"},
               {"n", "broker-a"}},
              overrides);
}

fake::Fields send_v1(const std::string& topic, Overrides overrides) {
  return with({{"producerGroup", "PID"},
               {"topic", topic},
               {"defaultTopic", "TBW102"},
               {"defaultTopicQueueNums", "4"},
               {"queueId", "0"},
               {"sysFlag", "0"},
               {"bornTimestamp", "1700000000000"},
               {"flag", "0"},
               {"properties", properties({{"KEYS", "v1"}})},
               {"reconsumeTimes", "0"},
               {"unitMode", "false"},
               {"batch", "false"},
               {"maxReconsumeTimes", "0"}},
              overrides);
}

fake::Fields tagged(const std::string& topic, const std::string& tag, Overrides more) {
  more.emplace_back("UNIQ_KEY", "U1");
  if (!tag.empty()) more.emplace_back("TAGS", tag);
  return send_v2(topic, {{"i", properties(more)}});
}

fake::Fields pull(const std::string& topic, int queue, int64_t offset, Overrides overrides) {
  return with({{"consumerGroup", "G"},
               {"topic", topic},
               {"queueId", std::to_string(queue)},
               {"queueOffset", std::to_string(offset)},
               {"maxMsgNums", "32"},
               {"sysFlag", "4"},
               {"commitOffset", "0"},
               {"suspendTimeoutMillis", "0"},
               {"subscription", "*"},
               {"subVersion", "0"},
               {"expressionType", "TAG"}},
              overrides);
}

fake::Fields held_pull(const std::string& topic, int queue, int64_t offset, int hold_ms) {
  return pull(topic, queue, offset,
              {{"sysFlag", "6"}, {"suspendTimeoutMillis", std::to_string(hold_ms)}});
}

std::string properties(Overrides pairs) {
  std::string text;
  for (const auto& [name, value] : pairs) fake::add_property(text, name, value);
  return text;
}

std::string heartbeat(const Beat& beat) {
  std::string subscriptions;
  std::string tags;
  for (const std::string& tag : beat.tags) {
    if (!tags.empty()) tags += ",";
    tags += '"' + tag + '"';
  }
  for (const std::string& topic : beat.topics) {
    if (!subscriptions.empty()) subscriptions += ",";
    subscriptions += R"({"classFilterMode":false,"codeSet":[],"expressionType":")" + beat.type +
                     R"(","subString":")" + beat.expression + R"(","subVersion":)" +
                     std::to_string(beat.version) + R"(,"tagsSet":[)" + tags + R"(],"topic":")" +
                     topic + R"("})";
  }
  return R"({"clientID":")" + beat.client +
         R"(","consumerDataSet":[{"consumeFromWhere":"CONSUME_FROM_LAST_OFFSET","consumeType":)"
         R"("CONSUME_PASSIVELY","groupName":")" +
         beat.group + R"(","messageModel":")" + beat.model + R"(","subscriptionDataSet":[)" +
         subscriptions + R"(],"unitMode":false}],"heartbeatFingerprint":)" +
         std::to_string(beat.fingerprint) + R"(,"producerDataSet":[{"groupName":"PID"}],)" +
         R"("withoutSub":)" + (beat.without_sub ? "true" : "false") + "}";
}

}  // namespace gantry::messaging::test
