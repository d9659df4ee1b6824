// CodeOwners: which instances have given a topic's records their codes in the queue index, in
// `gantry/index_codes` below the store root: a line per topic. Once there, a topic stays: the index
// may hold such codes as long as the store lives. So `gantry verify` can tell a module that is
// missing from an index that is damaged. Control thread.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "base/result.hpp"

namespace gantry::node {

class CodeOwners {
 public:
  using Map = std::map<std::string, std::string>;  // instances by topic

  // Empty when there is no file. A failure: it can't be read, or nobody here wrote it.
  static Outcome<CodeOwners> load(const std::filesystem::path& root);

  const Map& owners() const { return owners_; }
  // Durable when it returns; writes nothing when all of it is known.
  Outcome<void> add(const Map& owners, const std::filesystem::path& root);

 private:
  Map owners_;
};

}  // namespace gantry::node
