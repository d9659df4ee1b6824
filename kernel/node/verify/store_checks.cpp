#include "node/verify/store_checks.hpp"

#include <fmt/format.h>

#include "base/logging.hpp"
#include "plugin/record_views.hpp"

namespace gantry::node {
namespace {

Failure refused(const plugin::Instance& instance, const char* what, gantry_status status,
                const gantry_error& error) {
  return fail(fmt::format("{}: {}: {} failed with status {}: {}", instance.name(),
                          GANTRY_CAP_STORE_CHECK, what, status,
                          error.text[0] ? error.text : "no reason given"));
}

}  // namespace

Outcome<void> StoreChecks::open(const config::Document& document, const config::NodeConfig& config,
                                const std::filesystem::path& folder) {
  context_.clock = &clock_;
  context_.directory = &plugins_.directory();
  if (Outcome<void> loaded = plugins_.load(document, config); !loaded) return loaded;
  Outcome<void> created = plugins_.create_offering(GANTRY_CAP_STORE_CHECK, context_, folder);
  if (!created) return created;
  if (Outcome<void> opened = open_codes(folder); !opened) return opened;
  for (plugin::Instance* instance : plugins_.directory().instances()) {
    const gantry_offer* offer = instance->offer(GANTRY_CAP_STORE_CHECK, "");
    if (!offer) continue;
    Outcome<void> opened = open(*instance, *static_cast<const gantry_store_check*>(offer->table));
    if (!opened) return opened;
  }
  if (!checks_.empty()) return boost::system::in_place_value;
  return fail(
      fmt::format("no module of {} offers {}: the queue index can't be compared with the "
                  "log (--log-only checks the log alone)",
                  fmt::join(config.load, ", "), GANTRY_CAP_STORE_CHECK));
}

// A module that can't be made is one that isn't there: it costs the comparison of its codes.
Outcome<void> StoreChecks::open_codes(const std::filesystem::path& folder) {
  if (Outcome<void> made = plugins_.create_offering(GANTRY_CAP_INDEX_CODE, context_, folder); !made) {
    logging::error("verify", "{}", made.error().text);
  }
  Outcome<void> collected = codes_.collect(plugins_.directory(), plugin::IndexCodes::Of::made);
  if (!collected) return collected;
  Outcome<CodeOwners> known = CodeOwners::load(folder);
  if (!known) {
    findings_.add("{}", known.error().text);
    return boost::system::in_place_value;
  }
  missing_ = known->owners();
  for (const auto& [topic, instance] : codes_.owners()) missing_.erase(topic);
  return boost::system::in_place_value;
}

Outcome<void> StoreChecks::open(plugin::Instance& instance, const gantry_store_check& table) {
  auto check = std::make_unique<Check>();
  check->instance = &instance;
  check->table = &table;
  check->findings = &findings_;
  check->sink = {sizeof check->sink, 0, check.get(), [](void* context, gantry_str text) {
                   const Check& self = *static_cast<Check*>(context);
                   self.findings->add("{}: {}", self.instance->name(),
                                      plugin::text_of(text).view());
                 }};
  gantry_error error = plugin::empty_error();
  const gantry_status status = table.open(instance.self(), &check->sink, &check->covered, &error);
  if (status != GANTRY_OK) return refused(instance, "open", status, error);
  checks_.push_back(std::move(check));
  return boost::system::in_place_value;
}

Outcome<void> StoreChecks::check(std::span<commitlog::RecordView> records) {
  if (!codes_.empty()) codes_.apply(records);
  messages_.resize(records.size());
  for (size_t i = 0; i < records.size(); ++i) {
    plugin::fill(records[i], nullptr, messages_[i]);
    if (missing_.empty()) continue;
    const auto missing = missing_.find(std::string(records[i].topic.view()));
    if (missing == missing_.end()) continue;
    messages_[i].flags |= GANTRY_MSG_CODE_UNKNOWN;
    UnknownCodes& unknown = unknown_[missing->first];
    unknown.instance = missing->second;
    ++unknown.records;
  }
  const gantry_batch batch{sizeof batch, sizeof(gantry_message),
                           static_cast<uint32_t>(messages_.size()), 0, messages_.data()};
  for (const auto& check : checks_) {
    gantry_error error = plugin::empty_error();
    const gantry_status status = check->table->check(check->instance->self(), &batch, &error);
    if (status != GANTRY_OK) return refused(*check->instance, "check", status, error);
  }
  return boost::system::in_place_value;
}

Outcome<std::vector<StoreFacts>> StoreChecks::close(LogOffset log_begin, LogOffset log_end) {
  std::vector<StoreFacts> facts;
  for (const auto& check : checks_) {
    gantry_error error = plugin::empty_error();
    gantry_check_counts counts{};
    counts.struct_size = sizeof counts;
    const gantry_status status = check->table->close(check->instance->self(), log_begin.value,
                                                     log_end.value, &counts, &error);
    if (status != GANTRY_OK) return refused(*check->instance, "close", status, error);
    facts.push_back({check->instance->name(), LogOffset(check->covered), counts.queues,
                     counts.entries, counts.keys});
  }
  return facts;
}

}  // namespace gantry::node
