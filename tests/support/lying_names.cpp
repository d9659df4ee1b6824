// LyingDisk's names: folders, what is in them, and the changes that are not synced yet.
#include <algorithm>
#include <cerrno>

#include "support/lying_node.hpp"

namespace gantry::testing {

LyingDisk::NodeRef LyingDisk::find(std::string_view path) const {
  NodeRef node = root_;
  while (node && !path.empty()) {
    path.remove_prefix(std::min(path.find_first_not_of('/'), path.size()));
    const std::string_view name = path.substr(0, path.find('/'));
    if (name.empty()) break;
    const auto child = node->names.find(std::string(name));
    node = child == node->names.end() ? nullptr : child->second;
    path.remove_prefix(name.size());
  }
  return node;
}

LyingDisk::NodeRef LyingDisk::find_parent(const std::string& path, std::string& name) const {
  const size_t slash = path.rfind('/');
  name = path.substr(slash + 1);
  NodeRef parent = find(std::string_view(path).substr(0, slash));
  return parent && parent->folder ? parent : nullptr;
}

void LyingDisk::link(const NodeRef& folder, const std::string& name, const NodeRef& node) {
  folder->names[name] = node;
  changes_.push_back(
      {.from = nullptr, .from_name = {}, .to = folder, .to_name = name, .node = node});
}

void LyingDisk::apply(const Change& change) {
  if (change.from) {
    auto& names = change.from->durable_names;
    const auto old = names.find(change.from_name);
    if (old != names.end() && old->second == change.node) names.erase(old);
  }
  if (change.to) change.to->durable_names[change.to_name] = change.node;
}

int LyingDisk::open(const std::string& path, bool create, NodeRef& file) {
  if (off_) return EIO;
  std::string name;
  const NodeRef parent = find_parent(path, name);
  if (!parent) return ENOENT;
  const auto known = parent->names.find(name);
  if (known == parent->names.end() && !create) return ENOENT;
  if (int error = enter()) return error;
  if (known != parent->names.end()) {
    if (known->second->folder) return EISDIR;
    file = known->second;
    return leave();
  }
  file = std::make_shared<Node>();
  file->boot = boot_;
  link(parent, name, file);
  return leave();
}

int LyingDisk::list(const std::string& folder, std::vector<Entry>& entries) {
  entries.clear();
  if (off_ || read_fails()) return EIO;
  const NodeRef node = find(folder);
  if (!node) return ENOENT;
  if (!node->folder) return ENOTDIR;
  for (const auto& [name, child] : node->names)
    entries.push_back({name, child->size, child->folder});
  return 0;
}

int LyingDisk::stat(const std::string& path, Entry& entry) {
  if (off_ || read_fails()) return EIO;
  const NodeRef node = find(path);
  if (!node) return ENOENT;
  entry = {path.substr(path.rfind('/') + 1), node->size, node->folder};
  return 0;
}

int LyingDisk::make_folders(const std::string& path) {
  if (off_) return EIO;
  for (size_t slash = path.find('/', 1);; slash = path.find('/', slash + 1)) {
    const std::string part = path.substr(0, slash);
    const NodeRef known = find(part);
    if (known && !known->folder) return ENOTDIR;
    if (!known) {
      if (int error = enter()) return error;
      std::string name;
      const NodeRef parent = find_parent(part, name);
      auto folder = std::make_shared<Node>();
      folder->folder = true;
      folder->boot = boot_;
      link(parent, name, folder);
      if (int error = leave()) return error;
    }
    if (slash == path.npos) return 0;
  }
}

// A failed one changes nothing: the changes stay in the journal, a later sync brings them.
int LyingDisk::sync_folder(const std::string& path) {
  if (off_) return EIO;
  const NodeRef folder = find(path);
  if (!folder) return ENOENT;
  if (int error = enter()) return error;
  if (!lies_.sync_does_nothing) {
    std::vector<Change> rest;
    for (Change& change : changes_) {
      if (change.from == folder || change.to == folder)
        apply(change);
      else
        rest.push_back(std::move(change));
    }
    changes_ = std::move(rest);
  }
  syncs_++;
  return leave();
}

int LyingDisk::rename(const std::string& from, const std::string& to) {
  if (off_) return EIO;
  std::string from_name;
  std::string to_name;
  const NodeRef source = find_parent(from, from_name);
  const NodeRef target = find_parent(to, to_name);
  if (!source || !target || !source->names.contains(from_name)) return ENOENT;
  if (int error = enter()) return error;
  const NodeRef node = source->names[from_name];
  source->names.erase(from_name);
  target->names[to_name] = node;
  changes_.push_back({source, from_name, target, to_name, node});
  return leave();
}

int LyingDisk::remove(const std::string& path) {
  if (off_) return EIO;
  std::string name;
  const NodeRef parent = find_parent(path, name);
  if (!parent || !parent->names.contains(name)) return ENOENT;
  const NodeRef node = parent->names[name];
  if (!node->names.empty()) return ENOTEMPTY;
  if (int error = enter()) return error;
  parent->names.erase(name);
  changes_.push_back(
      {.from = parent, .from_name = name, .to = nullptr, .to_name = {}, .node = node});
  return leave();
}

int LyingDisk::sync_all() {
  const int error = enter();
  if (off_) return EIO;
  if (!error && !lies_.sync_does_nothing) {
    for (const Change& change : changes_) apply(change);
    changes_.clear();
  }
  std::vector<NodeRef> rest{root_};
  while (!rest.empty()) {
    const NodeRef node = rest.back();
    rest.pop_back();
    for (const auto& [name, child] : node->names) rest.push_back(child);
    if (node->folder) continue;
    if (error)
      forget_dirty(*node);
    else if (!lies_.sync_does_nothing)
      make_durable(*node);
  }
  if (error) return error;
  syncs_++;
  return leave();
}

}  // namespace gantry::testing
