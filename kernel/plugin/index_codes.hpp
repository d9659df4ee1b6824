// IndexCodes: the modules that say what a topic's records have in the queue index instead of the
// hash of their tag. Owned by the node; collected on the control thread when the modules have
// started, constant afterwards; asked by whoever reads records for consumers, several threads at
// once.
#pragma once

#include <gantry/cap/index_code.h>

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/clock.hpp"
#include "dispatch/record_codes.hpp"
#include "plugin/bindings.hpp"

namespace gantry::plugin {

class IndexCodes final : public dispatch::RecordCodes {
 public:
  explicit IndexCodes(const Clock& clock) : clock_(clock) {}

  // Whose claims count: of modules that run, or, on a stopped node's folder, of all that were made.
  enum class Of { running, made };
  // Fails when two modules claim a topic.
  Outcome<void> collect(Directory& directory, Of of = Of::running);
  bool empty() const { return claims_.empty(); }
  std::map<std::string, std::string> owners() const;  // instances by topic

  void apply(std::span<commitlog::RecordView> records) override;

 private:
  struct Claim {
    Binding* binding;
    const gantry_index_code* table;
  };
  Outcome<void> add(Directory& directory, Instance& instance, const gantry_offer& offer);

  const Clock& clock_;
  std::unordered_map<std::string_view, Claim> claims_;  // by topic; the names are the libraries'
};

}  // namespace gantry::plugin
