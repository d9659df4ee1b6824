#include "library.hpp"

#include <algorithm>
#include <cerrno>
#include <cinttypes>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <utility>

#include "expression.hpp"

namespace gantry::filter_lua {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view suffix = ".lua";

bool is_same(const struct stat& a, const struct stat& b) {
  return a.st_ino == b.st_ino && a.st_size == b.st_size && a.st_mtim.tv_sec == b.st_mtim.tv_sec &&
         a.st_mtim.tv_nsec == b.st_mtim.tv_nsec;
}

std::string what_of(const std::string& file, const std::string& arguments) {
  if (file.empty()) return "a source";
  return "script " + file + (arguments.empty() ? "" : " (" + arguments + ")");
}

}  // namespace

Library::Library(sdk::Host host, LibraryOptions options)
    : host_(host), options_(std::move(options)) {}

std::vector<std::string> Library::names_in_folder() {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator at(options_.folder, error), end; !error && at != end;
       at.increment(error)) {
    const std::string file = at->path().filename().string();
    if (!file.ends_with(suffix) || file.starts_with('.')) continue;
    names.push_back(file.substr(0, file.size() - suffix.size()));
  }
  const std::string fault = error ? options_.folder + ": " + error.message() : std::string();
  const std::lock_guard lock(mutex_);
  if (!fault.empty() && fault != folder_fault_) host_.warn("scripts cannot be looked for: " + fault);
  folder_fault_ = fault;
  std::sort(names.begin(), names.end());
  return names;
}

Library::Read Library::read(const std::string& name) const {
  Read out;
  const fs::path path = fs::path(options_.folder) / (name + std::string(suffix));
  if (::stat(path.c_str(), &out.seen) != 0) {
    out.fault = path.string() + ": " + std::strerror(errno);
  } else if (!is_script_name(name)) {
    out.fault = "'" + name + "' is no name for a script: letters, digits, _ - and dots inside";
  } else if (!S_ISREG(out.seen.st_mode)) {
    out.fault = path.string() + " is no file";
  } else if (static_cast<uint64_t>(out.seen.st_size) > options_.script_bytes_max) {
    out.fault = path.string() + " has " + std::to_string(out.seen.st_size) +
                " bytes, more than script_bytes_max";
  } else {
    std::ifstream in(path, std::ios::binary);
    out.text.assign(std::istreambuf_iterator<char>(in), {});
    if (!in.good() && !in.eof()) out.fault = path.string() + " cannot be read";
    if (out.text.size() > options_.script_bytes_max) out.fault = path.string() + " grows";
  }
  return out;
}

bool Library::look_at(const std::string& name, int64_t now_ms, bool force, Looked& looked) {
  const fs::path path = fs::path(options_.folder) / (name + std::string(suffix));
  struct stat now {};
  const bool is_there = ::stat(path.c_str(), &now) == 0;
  {
    const std::lock_guard lock(mutex_);
    const auto at = files_.find(name);
    if (at == files_.end() && !is_there) return false;
    if (at != files_.end() && !force && is_there && !at->second.state.missing &&
        is_same(at->second.seen, now)) {
      return false;
    }
  }
  if (!is_there) return false;
  Read found = read(name);
  const auto source = std::make_shared<const Source>(
      Source{name + std::string(suffix), found.text, version_of(found.text)});
  {
    const std::lock_guard lock(mutex_);
    File& file = files_[name];
    file.seen = found.seen;
    file.state.name = name;
    file.state.missing = false;
    if (found.fault.empty() && file.source && file.source->version == source->version) {
      file.state.last_error.clear();
      return false;
    }
  }
  if (found.fault.empty()) found.fault = Copy::fault_of(*source, options_.limits);
  if (!found.fault.empty()) return kept_out(name, std::move(found.fault)), true;
  taken(name, source, now_ms);
  looked.loaded.push_back(name);
  return true;
}

void Library::kept_out(const std::string& name, std::string fault) {
  const std::lock_guard lock(mutex_);
  FileState& state = files_[name].state;
  host_.error("script " + name + " is not taken" +
              (state.version != 0 ? ", the one before goes on: " : ": ") + fault);
  state.last_error = std::move(fault);
}

// Where it fails with the arguments of a use, the copy before goes on there.
void Library::taken(const std::string& name, std::shared_ptr<const Source> source,
                    int64_t now_ms) {
  for (const auto& [use, script] : uses()) {
    if (use.file != name) continue;
    std::string fault;
    auto copy = Copy::load(source, use.arguments, options_.limits, host_.shard_count(), fault);
    if (copy) {
      script->take(std::move(copy), now_ms);
    } else {
      host_.error(script->what() + " is not taken, the one before goes on: " + fault);
      script->keep_out(std::move(fault));
    }
  }
  const std::lock_guard lock(mutex_);
  File& file = files_[name];
  host_.info("script " + name + (file.source ? " has changed and is taken" : " is loaded"));
  file.state.version = source->version;
  file.source = std::move(source);
  file.state.loaded_ms = now_ms;
  file.state.last_error.clear();
}

void Library::look_for_missing(const std::vector<std::string>& present) {
  const std::lock_guard lock(mutex_);
  if (!folder_fault_.empty()) return;  // nothing is known
  for (auto at = files_.begin(); at != files_.end();) {
    File& file = at->second;
    if (std::binary_search(present.begin(), present.end(), at->first)) {
      ++at;
    } else if (!file.source) {
      at = files_.erase(at);
    } else {
      if (!file.state.missing) {
        host_.warn("script " + at->first +
                   ": its file is gone; what was loaded goes on until the node restarts");
      }
      file.state.missing = true;
      ++at;
    }
  }
}

void Library::give_back(std::shared_ptr<Script> script) {
  const std::lock_guard lock(mutex_);
  given_back_.push_back(std::move(script));
}

Library::Looked Library::look(int64_t now_ms, bool force) {
  std::vector<std::shared_ptr<Script>> ended;
  const std::lock_guard turn(looking_);
  {
    const std::lock_guard lock(mutex_);
    ended.swap(given_back_);
  }
  Looked looked;
  const std::vector<std::string> names = names_in_folder();
  for (const std::string& name : names) look_at(name, now_ms, force, looked);
  look_for_missing(names);
  for (const auto& [use, script] : uses()) script->clean_up();
  for (FileState& file : files()) {
    if (!file.last_error.empty()) looked.failed.push_back(std::move(file));
  }
  return looked;
}

std::shared_ptr<Script> Library::find(const std::string& name, const std::string& arguments,
                                      int64_t now_ms) {
  const std::lock_guard turn(looking_);
  Looked looked;
  look_at(name, now_ms, false, looked);
  std::shared_ptr<const Source> source;
  {
    const std::lock_guard lock(mutex_);
    const auto file = files_.find(name);
    if (file == files_.end()) {
      throw sdk::Refusal(GANTRY_GONE, "there is no script " + name + ": no file " +
                                          options_.folder + "/" + name + std::string(suffix));
    }
    source = file->second.source;
    if (!source) {
      throw sdk::Refusal(GANTRY_GONE,
                         "script " + name + " does not load: " + file->second.state.last_error);
    }
  }
  return use(name + ' ' + arguments, name, arguments, std::move(source), now_ms);
}

std::shared_ptr<Script> Library::source(const std::string& text, int64_t now_ms) {
  const std::lock_guard turn(looking_);
  auto made = std::make_shared<const Source>(Source{"source", text, version_of(text)});
  return use(' ' + text, "", "", std::move(made), now_ms);
}

std::shared_ptr<Script> Library::use(const std::string& key, const std::string& file,
                                     const std::string& arguments,
                                     std::shared_ptr<const Source> source, int64_t now_ms) {
  {
    const std::lock_guard lock(mutex_);
    std::erase_if(uses_, [](const auto& one) { return one.second.script.expired(); });
    if (const auto at = uses_.find(key); at != uses_.end()) {
      if (auto script = at->second.script.lock()) return script;
    }
    if (uses_.size() >= options_.uses_max) {
      throw sdk::Refusal(GANTRY_BUSY, "more than uses_max = " + std::to_string(options_.uses_max) +
                                          " different scripts are in use");
    }
  }
  std::string fault;
  auto copy = Copy::load(std::move(source), arguments, options_.limits, host_.shard_count(), fault);
  if (!copy) throw sdk::Refusal(file.empty() ? GANTRY_INVALID : GANTRY_GONE, fault);
  auto script = std::make_shared<Script>(host_, what_of(file, arguments), options_.breaker,
                                         std::move(copy), now_ms);
  const std::lock_guard lock(mutex_);
  uses_.insert_or_assign(key, Use{file, arguments, script});
  return script;
}

std::vector<std::pair<Library::Use, std::shared_ptr<Script>>> Library::uses() {
  std::vector<std::pair<Use, std::shared_ptr<Script>>> out;
  const std::lock_guard lock(mutex_);
  for (const auto& [key, use] : uses_) {
    if (auto script = use.script.lock()) out.emplace_back(use, std::move(script));
  }
  return out;
}

std::vector<FileState> Library::files() const {
  std::vector<FileState> out;
  const std::lock_guard lock(mutex_);
  for (const auto& [name, file] : files_) out.push_back(file.state);
  return out;
}

void Library::each_use(
    const std::function<void(const std::string& file, const Script&)>& see) const {
  std::vector<std::pair<std::string, std::shared_ptr<Script>>> all;  // may be the last to end one
  const std::lock_guard lock(mutex_);
  for (const auto& [key, use] : uses_) {
    if (auto script = use.script.lock()) all.emplace_back(use.file, std::move(script));
  }
  for (const auto& [file, script] : all) see(file, *script);
}

}  // namespace gantry::filter_lua
