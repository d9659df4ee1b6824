#include "node/safe_mode.hpp"

#include <fmt/format.h>

#include <fstream>
#include <iterator>
#include <optional>

#include "base/logging.hpp"

namespace gantry::node {

namespace fs = std::filesystem;

namespace {

// The file: this line, then a crash report, `count <n>` above it: so often in a row.
constexpr std::string_view head = "gantry.crashes 1\n";

struct InRow {
  int64_t count = 0;
  crash::Report report;
};

std::optional<std::string> read(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  return std::string(std::istreambuf_iterator<char>(file), {});
}

InRow read_row(const fs::path& path) {
  const std::string text = read(path).value_or("");
  int64_t count = 0;
  int used = 0;
  if (!text.starts_with(head) ||
      std::sscanf(text.c_str() + head.size(), "count %ld\n%n", &count, &used) != 1 || used == 0) {
    return {};
  }
  return {count, crash::parse(std::string_view(text).substr(head.size() + static_cast<size_t>(used)))};
}

void write_row(const fs::path& path, const InRow& row) {
  const fs::path draft = path.string() + ".new";
  {
    std::ofstream file(draft, std::ios::binary | std::ios::trunc);
    file << head << "count " << row.count << "\n" << crash::text_of(row.report);
    if (!file.flush()) {
      logging::warn("node", "{}: cannot be written", draft.string());
      return;
    }
  }
  std::error_code error;
  fs::rename(draft, path, error);
  if (error) logging::warn("node", "{}: {}", path.string(), error.message());
}

// The same call of the same module is the same reason to crash.
bool same(const crash::Report& one, const crash::Report& other) {
  return one.instance == other.instance && one.capability == other.capability &&
         one.call == other.call;
}

}  // namespace

fs::path SafeMode::path_in(const fs::path& root) { return root / "gantry" / "crashes"; }

SafeMode SafeMode::load(const fs::path& root, int64_t crashes_max) {
  SafeMode out;
  out.root_ = root;
  std::error_code error;
  fs::create_directories(root / "gantry", error);
  const fs::path path = path_in(root);
  InRow row = read_row(path);
  if (const auto text = read(crash::path_in(root))) {
    const crash::Report last = crash::parse(*text);
    logging::warn("node", "the last process crashed{}{}: {}",
                  last.instance.empty() ? "" : " inside ", last.instance, last.reason);
    row = {same(row.report, last) ? row.count + 1 : 1, last};
    write_row(path, row);
    fs::remove(crash::path_in(root), error);
  }
  if (crashes_max == 0 || row.count < crashes_max || row.report.instance.empty()) return out;
  out.left_out_[row.report.instance] = fmt::format(
      "the last {} processes crashed inside it, in {} of {} ({}); it is left out until {} is removed",
      row.count, row.report.call, row.report.capability, row.report.reason, path.string());
  return out;
}

void SafeMode::stopped_well() const {
  std::error_code ignored;
  if (left_out_.empty()) fs::remove(path_in(root_), ignored);
}

}  // namespace gantry::node
