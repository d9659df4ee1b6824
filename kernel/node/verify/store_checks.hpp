// StoreChecks: the modules that compare what they stored with the log (gantry.store_check). Makes
// their instances on a stopped node's folder, starts none, feeds them the log. Made and used by
// `verify` on the control thread.
#pragma once

#include <gantry/cap/store_check.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "commitlog/record.hpp"
#include "config/document.hpp"
#include "config/node_config.hpp"
#include "node/verify/findings.hpp"
#include "plugin/context.hpp"
#include "plugin/host.hpp"

namespace gantry::node {

struct StoreFacts {
  std::string instance;
  LogOffset covered;
  uint64_t queues = 0;
  uint64_t entries = 0;
  uint64_t keys = 0;
};

class StoreChecks {
 public:
  explicit StoreChecks(Findings& findings) : findings_(findings) {}

  // Loads the configuration's libraries and lets each module that can compare open its files. A
  // failure when none can.
  Outcome<void> open(const config::Document& document, const config::NodeConfig& config,
                     const std::filesystem::path& folder);
  Outcome<void> check(std::span<const commitlog::RecordView> records);
  Outcome<std::vector<StoreFacts>> close(LogOffset log_begin, LogOffset log_end);

 private:
  struct Check {
    plugin::Instance* instance = nullptr;
    const gantry_store_check* table = nullptr;
    Findings* findings = nullptr;
    gantry_check_sink sink{};
    int64_t covered = 0;
  };
  Outcome<void> open(plugin::Instance& instance, const gantry_store_check& table);

  Findings& findings_;
  const SystemClock clock_;
  plugin::HostContext context_;
  plugin::PluginHost plugins_;
  std::vector<std::unique_ptr<Check>> checks_;  // modules hold pointers to the sinks
  std::vector<gantry_message> messages_;
};

}  // namespace gantry::node
