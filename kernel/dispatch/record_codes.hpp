// RecordCodes: replaces the tag codes of some records before consumers see them. Owned by
// kernel/plugin (or a test), outlives RecordDispatcher.
#pragma once

#include <span>

#include "commitlog/record.hpp"

namespace gantry::dispatch {

class RecordCodes {
 public:
  virtual ~RecordCodes() = default;
  // [any] The same record gets the same code whenever and on whatever thread it is read.
  virtual void apply(std::span<commitlog::RecordView> records) = 0;
};

}  // namespace gantry::dispatch
