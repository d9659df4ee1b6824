// StoreChecks: the modules that compare what they stored with the log (gantry.store_check). Makes
// their instances on a stopped node's folder, starts none, feeds them the log, in which some topics'
// records have codes of further modules (gantry.index_code). Made and used by `verify` on the control
// thread.
#pragma once

#include <gantry/cap/store_check.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "commitlog/record.hpp"
#include "config/document.hpp"
#include "config/node_config.hpp"
#include "node/code_owners.hpp"
#include "node/verify/findings.hpp"
#include "plugin/context.hpp"
#include "plugin/host.hpp"
#include "plugin/index_codes.hpp"

namespace gantry::node {

struct StoreFacts {
  std::string instance;
  LogOffset covered;
  uint64_t queues = 0;
  uint64_t entries = 0;
  uint64_t keys = 0;
};

// A topic whose codes are a module's that isn't there: they were not compared.
struct UnknownCodes {
  std::string instance;
  uint64_t records = 0;
};

class StoreChecks {
 public:
  explicit StoreChecks(Findings& findings) : findings_(findings), codes_(clock_) {}

  // Loads the configuration's libraries and lets each module that can compare open its files. A
  // failure when none can.
  Outcome<void> open(const config::Document& document, const config::NodeConfig& config,
                     const std::filesystem::path& folder);
  // Gives the records their codes.
  Outcome<void> check(std::span<commitlog::RecordView> records);
  Outcome<std::vector<StoreFacts>> close(LogOffset log_begin, LogOffset log_end);
  // By topic; those that the log has records of.
  const std::map<std::string, UnknownCodes, std::less<>>& unknown_codes() const { return unknown_; }

 private:
  struct Check {
    plugin::Instance* instance = nullptr;
    const gantry_store_check* table = nullptr;
    Findings* findings = nullptr;
    gantry_check_sink sink{};
    int64_t covered = 0;
  };
  Outcome<void> open(plugin::Instance& instance, const gantry_store_check& table);
  Outcome<void> open_codes(const std::filesystem::path& folder);

  Findings& findings_;
  const SystemClock clock_;
  plugin::HostContext context_;
  plugin::PluginHost plugins_;
  std::vector<std::unique_ptr<Check>> checks_;  // modules hold pointers to the sinks
  plugin::IndexCodes codes_;
  CodeOwners::Map missing_;  // instances that aren't there, by the topics whose codes were theirs
  std::map<std::string, UnknownCodes, std::less<>> unknown_;
  std::vector<gantry_message> messages_;
};

}  // namespace gantry::node
