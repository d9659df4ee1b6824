// store_check_probe: offers gantry.store_check alone. It finds every record of one topic, says how
// often records came out of order, and fails where it is told to.
#include <gantry/host/settings.h>

#include <set>
#include <string>

#include "cpp/capabilities.hpp"

namespace gantry::probe {
namespace {

class Probe final : public sdk::Module {
 public:
  explicit Probe(const gantry_host* host) : Module(host) {}

  gantry_status start(gantry_token) override {
    throw sdk::Refusal(GANTRY_FAULT, "a module of a stopped node was started");
  }

  int64_t open_check(const gantry_check_sink& sink) {
    fail_at("open");
    sink_ = &sink;
    return host_.setting_i64("covered");
  }

  void check(const gantry_batch& batch) {
    fail_at("check");
    const auto* at = reinterpret_cast<const char*>(batch.first);
    for (uint32_t i = 0; i < batch.count; ++i, at += batch.stride) {
      const auto& message = *reinterpret_cast<const gantry_message*>(at);
      const std::string topic(sdk::view(message.topic));
      if (stored_offset(message) != message.log_offset) find("a record with other bytes");
      if (message.log_offset < end_) find("a record before the one behind it");
      if (topic == host_.setting_str("unwanted_topic")) {
        find("record " + std::to_string(message.log_offset) + " of " + topic + " is unwanted");
      }
      if (entries_++ == 0) begin_ = message.log_offset;
      end_ = message.log_offset + message.record_size;
      queues_.emplace(topic, message.queue_id);
    }
  }

  void close_check(int64_t log_begin, int64_t log_end, gantry_check_counts& counts) {
    fail_at("close");
    if (entries_ > 0 && (log_begin > begin_ || log_end != end_)) {
      find("told the log is " + std::to_string(log_begin) + " to " + std::to_string(log_end));
    }
    counts.queues = queues_.size();
    counts.entries = entries_;
    counts.keys = 7;
  }

 private:
  // The record's log offset as its bytes say, which must still be there.
  static int64_t stored_offset(const gantry_message& message) {
    constexpr size_t offset_at = 28;
    uint64_t value = 0;
    for (size_t i = 0; i < sizeof value; ++i)
      value = value << 8 | message.record.data[offset_at + i];
    return static_cast<int64_t>(value);
  }
  void find(const std::string& text) { sink_->finding(sink_->context, sdk::str(text)); }
  void fail_at(const char* step) {
    if (host_.setting_str("fails_at") == step) {
      throw sdk::Refusal(GANTRY_FAULT, std::string("told to fail at ") + step);
    }
  }

  const gantry_check_sink* sink_ = nullptr;
  std::set<std::pair<std::string, int32_t>> queues_;
  uint64_t entries_ = 0;
  int64_t begin_ = 0;
  int64_t end_ = 0;
};

constexpr gantry_store_check check = sdk::store_check<Probe>();
constexpr gantry_offer offers_check = sdk::offer(GANTRY_CAP_STORE_CHECK, "", &check);
constexpr const gantry_offer* offers[] = {&offers_check};
constexpr gantry_need needs_settings = sdk::need(GANTRY_HOST_SETTINGS);
constexpr const gantry_need* needs[] = {&needs_settings};
constexpr gantry_setting covered =
    sdk::setting_i64("covered", "What open says is covered.", 0, 0, INT64_MAX);
constexpr gantry_setting unwanted =
    sdk::setting_str("unwanted_topic", "Records of this topic are findings.", "");
constexpr gantry_setting fails = sdk::setting_str("fails_at", "The call that is an error.", "");
constexpr const gantry_setting* settings[] = {&covered, &unwanted, &fails};

constexpr gantry_module module = sdk::module<Probe>(
    {.name = "store_check_probe", .offers = offers, .needs = needs, .settings = settings});
constexpr const gantry_module* modules[] = {&module};

}  // namespace
}  // namespace gantry::probe

extern "C" const gantry_plugin gantry_plugin_v1 =
    gantry::sdk::plugin("org.gantry.store_check_probe", "0.1", gantry::probe::modules);
