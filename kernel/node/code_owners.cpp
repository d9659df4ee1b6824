#include "node/code_owners.hpp"

#include <fmt/format.h>

#include <fstream>
#include <iterator>
#include <optional>
#include <string_view>
#include <system_error>

#include "commitlog/file.hpp"

namespace gantry::node {

namespace fs = std::filesystem;

namespace {

// The file: this line, then "<instance> <topic>" lines. An instance's name has no space in it.
constexpr std::string_view head = "gantry.index_codes 1\n";

fs::path path_in(const fs::path& root) { return root / "gantry" / "index_codes"; }

std::string text_of(const CodeOwners::Map& owners) {
  std::string text(head);
  for (const auto& [topic, instance] : owners) text += fmt::format("{} {}\n", instance, topic);
  return text;
}

std::optional<CodeOwners::Map> parse(std::string_view text) {
  if (!text.starts_with(head)) return std::nullopt;
  CodeOwners::Map out;
  for (text.remove_prefix(head.size()); !text.empty();) {
    const size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    const size_t space = line.find(' ');
    if (end == text.npos || space == 0 || space == line.npos || space + 1 == line.size()) return {};
    out.emplace(line.substr(space + 1), line.substr(0, space));
    text.remove_prefix(end + 1);
  }
  return out;
}

Failure failed(const fs::path& path, const ErrorCode& error) {
  return fail(fmt::format("{}: {}", path.string(), error.message()));
}

// Whole or not at all, and on the device.
ErrorCode replace(const fs::path& path, const std::string& text) {
  commitlog::FileSystem& files = commitlog::real_file_system();
  const std::string draft = path.string() + ".new";
  std::error_code ignored;
  fs::remove(draft, ignored);  // what a crash left may be longer
  auto file = files.open(draft, commitlog::OpenMode::create);
  if (!file) return file.error();
  const Bytes bytes(reinterpret_cast<const uint8_t*>(text.data()), text.size());
  if (const ErrorCode error = (*file)->write_at(0, bytes)) return error;
  if (const ErrorCode error = (*file)->sync_data()) return error;
  if (const ErrorCode error = files.rename(draft, path.string())) return error;
  return files.sync_folder(path.parent_path().string());
}

}  // namespace

Outcome<CodeOwners> CodeOwners::load(const fs::path& root) {
  const fs::path path = path_in(root);
  CodeOwners out;
  std::error_code error;
  const bool there = fs::exists(path, error);
  if (error) return failed(path, error);
  if (!there) return out;
  std::ifstream file(path, std::ios::binary);
  const std::string text(std::istreambuf_iterator<char>(file), {});
  if (file.bad() || !file.is_open()) return fail(fmt::format("{}: cannot be read", path.string()));
  std::optional<Map> owners = parse(text);
  if (!owners) return fail(fmt::format("{}: damaged", path.string()));
  out.owners_ = std::move(*owners);
  return out;
}

Outcome<void> CodeOwners::add(const Map& owners, const fs::path& root) {
  Map all = owners_;
  for (const auto& [topic, instance] : owners) all[topic] = instance;
  if (all == owners_) return boost::system::in_place_value;
  const fs::path path = path_in(root);
  if (const ErrorCode error = replace(path, text_of(all))) return failed(path, error);
  owners_ = std::move(all);
  return boost::system::in_place_value;
}

}  // namespace gantry::node
