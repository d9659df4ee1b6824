// Library: the scripts of a folder, `<name>.lua` each, and those in use. Owned by the module.
//
// look(): [worker], one at a time: what changed is compiled beside what runs, tried, and taken; what
// fails is kept out. find(), source(): [worker]. The rest: any thread.
#pragma once

#include <sys/stat.h>

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "cpp/host.hpp"
#include "script.hpp"

namespace gantry::filter_lua {

struct LibraryOptions {
  std::string folder;
  lua::Limits limits;
  BreakerOptions breaker;
  uint64_t script_bytes_max = 1 << 20;
  size_t uses_max = 1000;
};

// A file, as tools show it.
struct FileState {
  std::string name;     // "vip"
  uint64_t version = 0;  // 0: no version of it ever loaded
  int64_t loaded_ms = 0;
  bool missing = false;  // it was removed; what was loaded goes on
  std::string last_error;
};

class Library {
 public:
  Library(sdk::Host host, LibraryOptions options);

  struct Looked {
    std::vector<std::string> loaded;  // names of new or changed scripts
    std::vector<FileState> failed;    // all that are kept out now
  };
  // force: also files that look as they did.
  Looked look(int64_t now_ms, bool force);

  // The script in use, or made for it. Throws sdk::Refusal: GONE when there is none or it does not
  // load, which a changed file mends; BUSY when too many are in use.
  std::shared_ptr<Script> find(const std::string& name, const std::string& arguments,
                               int64_t now_ms);
  // The same for a text that is no file.
  std::shared_ptr<Script> source(const std::string& text, int64_t now_ms);

  // Of a program that ends, on whatever thread; the next look ends the script if nobody else has it.
  void give_back(std::shared_ptr<Script> script);

  std::vector<FileState> files() const;
  // With its file's name; empty for a source.
  void each_use(const std::function<void(const std::string& file, const Script&)>& see) const;

 private:
  struct File {
    struct stat seen {};
    std::shared_ptr<const Source> source;  // the newest that loaded; null: none did
    FileState state;
  };
  struct Use {
    std::string file;
    std::string arguments;
    std::weak_ptr<Script> script;
  };
  struct Read {
    struct stat seen {};
    std::string text;
    std::string fault;
  };

  std::vector<std::string> names_in_folder();
  Read read(const std::string& name) const;
  // Whether there was something to do; with mutex_ free.
  bool look_at(const std::string& name, int64_t now_ms, bool force, Looked& looked);
  void taken(const std::string& name, std::shared_ptr<const Source> source, int64_t now_ms);
  void kept_out(const std::string& name, std::string fault);
  void look_for_missing(const std::vector<std::string>& present);
  std::shared_ptr<Script> use(const std::string& key, const std::string& file,
                              const std::string& arguments,
                              std::shared_ptr<const Source> source, int64_t now_ms);
  std::vector<std::pair<Use, std::shared_ptr<Script>>> uses();

  const sdk::Host host_;
  const LibraryOptions options_;
  std::mutex looking_;  // one look or find at a time; before mutex_

  mutable std::mutex mutex_;  // guards what follows
  std::map<std::string, File> files_;
  std::map<std::string, Use> uses_;
  std::vector<std::shared_ptr<Script>> given_back_;
  std::string folder_fault_;
};

}  // namespace gantry::filter_lua
