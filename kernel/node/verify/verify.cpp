#include "node/verify/verify.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "node/verify/log_walk.hpp"
#include "node/verify/store_checks.hpp"

namespace gantry::node {

namespace fs = std::filesystem;
using Say = std::function<void(const std::string&)>;

namespace {

constexpr uint64_t findings_shown_max = 200;

// FolderLock: keeps nodes out of the folder while it is read, without writing to it: a reader's
// lock on the byte a node locks for writing.
class FolderLock {
 public:
  FolderLock() = default;
  ~FolderLock() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;

  // Without a lock file no node has been there, and there is nothing to take.
  Outcome<void> take(const fs::path& folder) {
    const std::string path = (folder / "lock").string();
    descriptor_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor_ < 0 && errno == ENOENT) return boost::system::in_place_value;
    if (descriptor_ < 0) return fail(fmt::format("{}: {}", path, reason()));
    struct flock range {};
    range.l_type = F_RDLCK;
    range.l_whence = SEEK_SET;
    range.l_len = 1;
    if (::fcntl(descriptor_, F_OFD_SETLK, &range) == 0) return boost::system::in_place_value;
    if (errno != EAGAIN && errno != EACCES) return fail(fmt::format("{}: {}", path, reason()));
    return fail(fmt::format("{}: a node is running on this folder ({} is locked): stop it first",
                            folder.string(), path));
  }

 private:
  static std::string reason() { return std::generic_category().message(errno); }
  int descriptor_ = -1;
};

struct Settings {
  config::Document document;
  config::NodeConfig node;
};

// The node's own, or those of a node that is configured by defaults.
Outcome<Settings> settings_of(const VerifyOptions& options) {
  const bool given = !options.configuration.empty();
  Outcome<config::Document> document = given ? config::Document::load(options.configuration)
                                             : config::Document::parse("", "defaults");
  if (!document) return document.error();
  config::NodeConfig node;
  if (given) {
    Outcome<config::NodeConfig> read = config::NodeConfig::read(*document);
    if (!read) return read.error();
    node = std::move(*read);
  } else {
    node.experimental = true;
    node.load = {"store_file"};
  }
  if (!options.plugin_directory.empty()) node.plugin_directory = options.plugin_directory.string();
  return Settings{std::move(*document), std::move(node)};
}

void say_log(const LogFacts& log, const Say& say) {
  say(fmt::format("log       {} to {}: {} files of {} bytes", log.begin.value, log.end.value,
                  log.files, log.file_bytes));
  say(fmt::format("records   {}, {} bytes, in {} queues", log.records, log.record_bytes,
                  log.queues));
  say(log.durable ? fmt::format("durable   up to {}, says gantry/recovery", log.durable->value)
                  : "durable   unknown, there is no whole gantry/recovery");
  if (log.tail_bytes > 0) {
    say(
        fmt::format("torn tail {} bytes behind {}: no whole record begins there; the next start "
                    "removes them",
                    log.tail_bytes, log.end.value));
  }
}

void say_store(const StoreFacts& store, const Say& say) {
  say(fmt::format("{:<9} {} queues, {} entries, {} keys; whole up to {}", store.instance,
                  store.queues, store.entries, store.keys, store.covered.value));
}

void say_unknown(const std::string& topic, const UnknownCodes& codes, const Say& say) {
  say(fmt::format("not compared: the index codes of {} records of topic {}: they are those of {} "
                  "({}), which is not loaded here",
                  codes.records, topic, codes.instance, GANTRY_CAP_INDEX_CODE));
}

Outcome<void> run(const VerifyOptions& options, Findings& findings, const Say& say) {
  std::error_code error;
  const fs::path folder = fs::absolute(options.folder, error).lexically_normal();
  if (!fs::is_directory(folder, error)) {
    return fail(fmt::format("{}: no such folder", folder.string()));
  }
  FolderLock lock;
  if (Outcome<void> taken = lock.take(folder); !taken) return taken;
  Outcome<Settings> settings = settings_of(options);
  if (!settings) return settings.error();

  StoreChecks stores(findings);
  if (!options.log_only) {
    Outcome<void> opened = stores.open(settings->document, settings->node, folder);
    if (!opened) return opened;
  }
  LogWalk walk(folder, static_cast<uint64_t>(settings->node.segment_bytes), findings);
  Outcome<LogFacts> log = walk.run([&](auto records) { return stores.check(records); });
  if (!log) return log.error();
  Outcome<std::vector<StoreFacts>> compared = stores.close(log->begin, log->end);
  if (!compared) return compared.error();
  say_log(*log, say);
  for (const StoreFacts& store : *compared) say_store(store, say);
  for (const auto& [topic, codes] : stores.unknown_codes()) say_unknown(topic, codes, say);
  return boost::system::in_place_value;
}

}  // namespace

Verdict verify(const VerifyOptions& options, const Say& say) {
  Findings findings([&](const std::string& line) { say("finding: " + line); }, findings_shown_max);
  Outcome<void> done = run(options, findings, say);
  if (findings.hidden() > 0) say(fmt::format("... and {} more findings", findings.hidden()));
  if (!done) {
    say("cannot be checked: " + done.error().text);
    return Verdict::unchecked;
  }
  say(fmt::format("findings  {}", findings.count()));
  return findings.count() == 0 ? Verdict::clean : Verdict::findings;
}

}  // namespace gantry::node
