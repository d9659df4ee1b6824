// What put hooks cost an append: none bound, one that isn't concerned, and each further one that
// does nothing. The contestants take turns, so a slow moment of the machine hits all of them;
// medians are printed, and last one line per goal: its name and nanoseconds.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "cpp/module.hpp"
#include "plugin/host.hpp"
#include "plugin/put_run.hpp"
#include "runtime/runtime.hpp"

namespace {

using namespace gantry;

constexpr int repetitions = 31;
constexpr int rounds = 100'000;

// A hook in plain C: what is measured is the way to it and back.
gantry_status look(gantry_instance*, const gantry_call*, const gantry_put*, gantry_put_edit*,
                   const gantry_put_editor*) {
  return GANTRY_OK;
}

constexpr gantry_str names[] = {sdk::str("DELAY"), sdk::str("PGROUP"), sdk::str("TIMER_DELAY_MS")};
constexpr gantry_put_hook every_table{sizeof(gantry_put_hook), 0, nullptr, look, nullptr};
constexpr gantry_put_hook some_table{sizeof(gantry_put_hook), 3, names, look, nullptr};
constexpr gantry_offer every_offer = sdk::offer(GANTRY_CAP_PUT_HOOK, "", &every_table);
constexpr gantry_offer some_offer = sdk::offer(GANTRY_CAP_PUT_HOOK, "", &some_table);
constexpr const gantry_offer* every_offers[] = {&every_offer};
constexpr const gantry_offer* some_offers[] = {&some_offer};
constexpr gantry_module every_module =
    sdk::module<sdk::Module>({.name = "every", .offers = every_offers});
constexpr gantry_module some_module =
    sdk::module<sdk::Module>({.name = "some", .offers = some_offers});
constexpr const gantry_module* every_modules[] = {&every_module};
constexpr const gantry_module* some_modules[] = {&some_module};
constexpr gantry_plugin every_plugin = sdk::plugin("org.gantry.bench", "1.0", every_modules);
constexpr gantry_plugin some_plugin = sdk::plugin("org.gantry.bench", "1.0", some_modules);

[[noreturn]] void give_up(std::string_view what) {
  fmt::print(stderr, "hook_bench: {}\n", what);
  std::exit(1);
}

template <class T>
void keep(const T& value) {
  asm volatile("" : : "r"(&value) : "memory");
}

// A chain of `count` hooks of one module.
class Chain {
 public:
  Chain(const gantry_plugin& plugin, int count) {
    std::string text = "[node]\ndata_dir = \"d\"\n[plugin]\nexperimental = true\n";
    for (int i = 0; i < count; ++i) {
      text += fmt::format("[plugins.hook{}]\nmodule = \"{}\"\n", i, plugin.modules[0]->name);
    }
    auto document = config::Document::parse(text, "bench.toml");
    auto node = document ? config::NodeConfig::read(*document) : document.error();
    if (!node) give_up(node.error().text);
    context_ = {&clock_,  nullptr, nullptr, nullptr, nullptr, nullptr, &host_.directory(), &hooks};
    check(count == 0 ? Outcome<void>() : host_.adopt(plugin, "bench.so"));
    check(host_.load(*document, *node));
    check(host_.create(context_, folder_, 1));
    check(host_.start());
    check(hooks.resolve(host_.directory(), uint64_t{4} << 20, clock_));
  }
  ~Chain() {
    host_.stop();
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  Chain(const Chain&) = delete;
  Chain& operator=(const Chain&) = delete;

 private:
  static void check(const Outcome<void>& done) {
    if (!done) give_up(done.error().text);
  }
  static std::filesystem::path temporary() {
    std::string name = (std::filesystem::temp_directory_path() / "gantry-bench-XXXXXX").string();
    if (!mkdtemp(name.data())) give_up("no temporary folder");
    return name;
  }

  SystemClock clock_;
  const std::filesystem::path folder_ = temporary();
  plugin::HostContext context_;
  plugin::PluginHost host_;

 public:
  plugin::PutHooks hooks;
};

// A record with the properties of a Java 5 client's.
class Put {
 public:
  Put() {
    record_.struct_size = sizeof record_;
    record_.topic = sdk::str("orders-created");
    record_.property_text = sdk::str(properties);
    put.struct_size = sizeof put;
    put.count = put.span = 1;
    put.stride = sizeof record_;
    put.records = &record_;
    error_.struct_size = sizeof error_;
    call = {sizeof call, 0, 0, 0, 0, reinterpret_cast<gantry_arena*>(&arena_), &error_};
  }
  Put(const Put&) = delete;
  Put& operator=(const Put&) = delete;

  gantry_put put{};
  gantry_call call{};

 private:
  static constexpr std::string_view properties =
      "KEYS\x01order-20241124-000417\x02UNIQ_KEY\x01" "7F0000010A2C18B4AAC2158E6B3A0417\x02"
      "WAIT\x01true\x02TAGS\x01" "created\x02" "CLUSTER\x01" "DefaultCluster\x02";
  gantry_message record_{};
  gantry_error error_{};
  dispatch::Arena arena_;
};

// What an append does before it goes to the log.
[[gnu::noinline]] bool hooked(const plugin::PutHooks& hooks, const Put& put) {
  const plugin::PutChain* chain = hooks.chain();
  if (!chain || (put.put.flags & GANTRY_PUT_NO_HOOKS)) return true;
  const uint64_t concerned = chain->concerned(put.put);
  if (concerned == 0) return true;
  plugin::PutRun run(*chain, &put.call, put.put);
  return run.before(concerned) == GANTRY_OK;
}
[[gnu::noinline]] bool bare(const plugin::PutHooks& hooks, const Put& put) {
  keep(hooks);
  return put.put.flags == 0;
}

struct Contestant {
  std::string name;
  bool (*step)(const plugin::PutHooks&, const Put&);
  std::unique_ptr<Chain> chain;
  std::vector<double> ns = {};

  void run(const Put& put) {
    for (int i = 0; i < rounds; ++i) {
      if (!step(chain->hooks, put)) give_up("a hook refused");
      keep(put);
    }
  }
  double median() {
    std::nth_element(ns.begin(), ns.begin() + repetitions / 2, ns.end());
    return ns[repetitions / 2];
  }
};

void race(std::vector<Contestant>& contestants) {
  using Clock = std::chrono::steady_clock;
  const Put put;
  for (Contestant& contestant : contestants) contestant.run(put);
  for (int repetition = 0; repetition < repetitions; ++repetition) {
    for (Contestant& contestant : contestants) {
      const auto start = Clock::now();
      contestant.run(put);
      const std::chrono::duration<double, std::nano> took = Clock::now() - start;
      contestant.ns.push_back(took.count() / rounds);
    }
  }
}

}  // namespace

int main() {
  std::vector<Contestant> contestants;
  contestants.push_back({"a call", &bare, std::make_unique<Chain>(every_plugin, 0)});
  contestants.push_back({"no hook bound", &hooked, std::make_unique<Chain>(every_plugin, 0)});
  contestants.push_back({"one not concerned", &hooked, std::make_unique<Chain>(some_plugin, 1)});
  contestants.push_back({"one hook", &hooked, std::make_unique<Chain>(every_plugin, 1)});
  contestants.push_back({"nine hooks", &hooked, std::make_unique<Chain>(every_plugin, 9)});
  // On a shard, as appends of handlers are.
  SystemClock clock;
  runtime::Runtime runtime({1, {1, 100}}, clock);
  runtime.start();
  runtime.shard(0).run_and_wait([&] { race(contestants); });
  runtime.stop();
  for (Contestant& contestant : contestants) {
    fmt::print("{:<20} {:8.1f} ns\n", contestant.name, contestant.median());
  }
  const double empty = contestants[1].median() - contestants[0].median();
  const double further = (contestants[4].median() - contestants[3].median()) / 8;
  fmt::print("hook_empty_chain_ns {:.2f}\n", empty);
  fmt::print("hook_one_more_ns {:.2f}\n", further);
}
