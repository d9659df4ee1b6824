// Recorded: one of the Java broker's recorded store folders, unpacked, and what was recorded about
// it. Owned by a test; the copy ends with it.
#pragma once

#include <boost/json.hpp>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "integration/folder.hpp"

namespace gantry::golden_store {

using Line = boost::json::object;

std::string text_at(const Line& line, const char* key);
int64_t number_at(const Line& line, const char* key);

class Recorded {
 public:
  // Nothing when there is no golden data.
  static std::optional<std::filesystem::path> find(const std::string& name);
  explicit Recorded(std::filesystem::path source);

  std::filesystem::path root() const { return folder_.path(); }  // a broker's store root
  std::filesystem::path source() const { return source_; }
  std::vector<Line> lines(const char* file) const;
  Line object(const char* file) const;

 private:
  integration::Folder folder_;
  std::filesystem::path source_;
};

std::string sha256(std::string_view bytes);

}  // namespace gantry::golden_store
