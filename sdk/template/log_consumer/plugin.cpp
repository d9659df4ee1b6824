// plugin_name: a log consumer. It counts the messages of the log, or of one topic, and writes a
// line at every so many and at its end. The count survives a restart, in the file `count` of the
// instance's folder.
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <deque>
#include <fstream>
#include <mutex>
#include <string>

#include "cpp/capabilities.hpp"

namespace {

namespace sdk = gantry::sdk;

class Count final : public sdk::Module {
 public:
  explicit Count(const gantry_host* host)
      : Module(host),
        topic_(host_.setting_str("topic")),
        report_every_(host_.setting_i64("report_every")),
        file_(host_.data_dir() + "/count") {}

  gantry_status start(gantry_token) override {
    started_ns_ = host_.now_ns();
    std::ifstream in(file_);
    if (!in) return GANTRY_OK;  // the first start
    if (!(in >> stored_.position >> stored_.count)) {
      throw sdk::Refusal(GANTRY_FAULT,
                         file_ + ": not two numbers; without it all is counted again");
    }
    return GANTRY_OK;
  }

  // Nobody else is in here any more. Life-cycle calls have no gantry_call with the time in it: the
  // clock does.
  void stop() override {
    const uint64_t seconds = (host_.now_ns() - started_ns_) / 1'000'000'000;
    host_.info("ran for " + std::to_string(seconds) + " s, stands at " +
               std::to_string(stored_.count + recent_count_));
  }

  // [control] The log is replayed from here.
  int64_t position() const { return stored_.position; }
  void live(int64_t) {}

  // [log] One call at a time; persist may run beside it.
  gantry_status consume(const gantry_call&, const gantry_batch& batch, uint32_t& consumed) {
    const std::lock_guard guard(mutex_);
    const auto* at = reinterpret_cast<const char*>(batch.first);
    for (; consumed < batch.count; ++consumed, at += batch.stride) {
      const auto& message = *reinterpret_cast<const gantry_message*>(at);
      const bool counts = topic_.empty() || sdk::view(message.topic) == topic_;
      recent_.push_back({message.log_offset + message.record_size, counts});
      if (!counts) continue;
      const int64_t all = stored_.count + ++recent_count_;
      if (all % report_every_ == 0) host_.info(std::to_string(all) + " messages");
    }
    return GANTRY_OK;
  }

  // [worker] What is STABLE is never cut off again: it moves from recent_ into the file.
  int64_t persist(const gantry_call&, int64_t stable) {
    State next;
    {
      const std::lock_guard guard(mutex_);
      next = stored_;
      for (const Recent& record : recent_) {
        if (record.end > stable) break;
        next.position = record.end;
        next.count += record.counts ? 1 : 0;
      }
    }
    if (next.position == stored_.position) return stored_.position;
    write(next);
    const std::lock_guard guard(mutex_);
    recent_count_ -= next.count - stored_.count;
    stored_ = next;
    while (!recent_.empty() && recent_.front().end <= next.position) recent_.pop_front();
    return stored_.position;
  }

  // [log] The log ends at log_offset now.
  void truncate(int64_t log_offset) {
    const std::lock_guard guard(mutex_);
    if (stored_.position > log_offset) {
      throw sdk::Refusal(GANTRY_FAULT, file_ +
                                           ": counts messages the log has lost; without it all "
                                           "is counted again");
    }
    for (; !recent_.empty() && recent_.back().end > log_offset; recent_.pop_back()) {
      recent_count_ -= recent_.back().counts ? 1 : 0;
    }
  }

 private:
  struct State {
    int64_t position = 0;  // log offset behind the last message counted
    int64_t count = 0;
  };
  struct Recent {
    int64_t end;
    bool counts;
  };

  // Durable, and whole or not at all.
  void write(const State& state) const {
    const std::string text = std::to_string(state.position) + " " + std::to_string(state.count);
    const std::string made = file_ + ".new";
    std::FILE* out = std::fopen(made.c_str(), "w");
    bool good = out != nullptr && std::fputs(text.c_str(), out) >= 0 && std::fflush(out) == 0 &&
                fsync(fileno(out)) == 0;
    if (out != nullptr) good = std::fclose(out) == 0 && good;
    good = good && std::rename(made.c_str(), file_.c_str()) == 0;
    const int folder = good ? open(host_.data_dir().c_str(), O_RDONLY | O_DIRECTORY) : -1;
    good = folder >= 0 && fsync(folder) == 0;
    const int error = errno;
    if (folder >= 0) close(folder);
    if (!good) throw sdk::Refusal(GANTRY_FAULT, file_ + ": " + std::strerror(error));
  }

  const std::string topic_;
  const int64_t report_every_;
  const std::string file_;
  uint64_t started_ns_ = 0;
  std::mutex mutex_;
  State stored_;               // as in the file; changed by persist only
  std::deque<Recent> recent_;  // consumed since, in log order
  int64_t recent_count_ = 0;   // of these, the ones that count
};

// What it can be set to, in [plugins.plugin_name].
constexpr gantry_setting topic =
    sdk::setting_str("topic", "The topic whose messages are counted; empty: all.", "");
constexpr gantry_setting report_every =
    sdk::setting_i64("report_every", "After how many messages there is a line.", 1000, 1, 1 << 30);
constexpr const gantry_setting* settings[] = {&topic, &report_every};

// What it offers, and needs of the host.
constexpr gantry_log_consumer consumer = sdk::log_consumer<Count>(0);
constexpr gantry_offer offer_consumer = sdk::offer(GANTRY_CAP_LOG_CONSUMER, "", &consumer);
constexpr const gantry_offer* offers[] = {&offer_consumer};
constexpr gantry_need need_clock = sdk::need(GANTRY_HOST_CLOCK);
constexpr gantry_need need_logging = sdk::need(GANTRY_HOST_LOGGING);
constexpr gantry_need need_settings = sdk::need(GANTRY_HOST_SETTINGS);
constexpr const gantry_need* needs[] = {&need_clock, &need_logging, &need_settings};

constexpr gantry_module module = sdk::module<Count>(
    {.name = "plugin_name", .offers = offers, .needs = needs, .settings = settings});
constexpr const gantry_module* modules[] = {&module};

}  // namespace

extern "C" const gantry_plugin gantry_plugin_v1 =
    sdk::plugin("org.example.plugin_name", "0.1", modules);
