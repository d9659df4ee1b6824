// What modules cost a put and each other: put hooks of all kinds, the guard between two modules. Those
// compared take turns, so a slow moment of the machine hits all of them; a cost is the median of the
// differences within a turn. One JSON line: names and nanoseconds.
//
// usage: gantry_hook_bench FOLDER    (where its log may be, 512 MB)
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "cpp/module.hpp"
#include "hook_log.hpp"
#include "plugin/host.hpp"
#include "plugin/put_run.hpp"
#include "plugin/services.hpp"
#include "protocol/properties.hpp"

namespace {

using namespace gantry;
using bench::give_up;

// Hooks in plain C: what is measured is the way to them and back.
gantry_status look(gantry_instance*, const gantry_call*, const gantry_put*, gantry_put_edit*,
                   const gantry_put_editor*) {
  return GANTRY_OK;
}
size_t read_bytes = 0;
gantry_status read_tags(gantry_instance*, const gantry_call*, const gantry_put* put,
                        gantry_put_edit*, const gantry_put_editor*) {
  const gantry_str text = put->records->property_text;
  read_bytes += protocol::find_property({text.data, text.size}, "TAGS").value_or("").size();
  return GANTRY_OK;
}

// The asker is there for its host, through which puts go.
const gantry_host* asker_host = nullptr;
struct Asker : sdk::Module {
  explicit Asker(const gantry_host* host) : Module(host) { asker_host = host; }
};

constexpr gantry_str delay_names[] = {sdk::str("DELAY"), sdk::str("TIMER_DELAY_SEC"),
                                      sdk::str("TIMER_DELAY_MS"), sdk::str("TIMER_DELIVER_MS")};
constexpr gantry_str half_names[] = {sdk::str("TRAN_MSG"), sdk::str("PGROUP")};
constexpr gantry_str priority_names[] = {sdk::str("_SYS_MSG_PRIORITY_")};
constexpr gantry_str lite_names[] = {sdk::str("__LITE_TOPIC")};
constexpr gantry_str tag_names[] = {sdk::str("TAGS")};

template <size_t n>
constexpr gantry_put_hook hook_when(const gantry_str (&names)[n]) {
  return {sizeof(gantry_put_hook), n, names, look, nullptr};
}
constexpr gantry_put_hook tables[] = {{sizeof(gantry_put_hook), 0, nullptr, look, nullptr},
                                     hook_when(delay_names),
                                     hook_when(half_names),
                                     hook_when(priority_names),
                                     hook_when(lite_names),
                                     {sizeof(gantry_put_hook), 1, tag_names, read_tags, nullptr}};
template <size_t i>
constexpr gantry_offer offer = sdk::offer(GANTRY_CAP_PUT_HOOK, "", &tables[i]);
template <size_t i>
constexpr const gantry_offer* offers[] = {&offer<i>};
template <size_t i>
constexpr gantry_module hook(const char* name) {
  return sdk::module<sdk::Module>({.name = name, .offers = offers<i>});
}
constexpr gantry_module modules[] = {hook<0>("every"),    hook<1>("delay"), hook<2>("half"),
                                     hook<3>("priority"), hook<4>("lite"),  hook<5>("tags"),
                                     sdk::module<Asker>({.name = "asker"})};

using Texts = std::vector<std::string>;

// A node's chain of hooks: an instance of each module named, and an asker.
class Chain {
 public:
  Chain(bench::HookLog& log, const Texts& names) : folder_(log.folder() / "modules") {
    std::string text = "[node]\ndata_dir = \"d\"\n[plugin]\nexperimental = true\n";
    size_t count = 0;
    for (const std::string& name : names) {
      text += fmt::format("[plugins.hook{}]\nmodule = \"{}\"\n", count++, name);
    }
    text += "[plugins.asker]\n";
    for (const gantry_module& module : modules) {
      if (text.find(fmt::format("\"{}\"", module.name)) != std::string::npos ||
          std::string_view(module.name) == "asker") {
        modules_.push_back(&module);
      }
    }
    plugin_ = {sizeof plugin_, GANTRY_ABI_MAJOR, GANTRY_ABI_MINOR, 0,
               static_cast<uint32_t>(modules_.size()), "org.gantry.bench", "1.0", modules_.data()};
    auto document = config::Document::parse(text, "bench.toml");
    auto node = document ? config::NodeConfig::read(*document) : document.error();
    bench::check(node);
    context_.clock = &log.clock();
    context_.runtime = &log.runtime();
    context_.log = &log.log();
    context_.records = &log.records();
    context_.directory = &host_.directory();
    context_.put_hooks = &hooks;
    bench::check(host_.adopt(plugin_, "bench.so"));
    bench::check(host_.load(*document, *node));
    bench::check(host_.create(context_, folder_, 1));
    bench::check(host_.start());
    bench::check(hooks.resolve(host_.directory(), bench::HookLog::body_bytes_max, log.clock()));
    asker = asker_host;
  }
  ~Chain() { host_.stop(); }
  Chain(const Chain&) = delete;
  Chain& operator=(const Chain&) = delete;

  plugin::PutHooks hooks;
  const gantry_host* asker = nullptr;
  gantry_binding* first_hook() const {
    return reinterpret_cast<gantry_binding*>(hooks.chain()->hooks().front().binding);
  }

 private:
  const std::filesystem::path folder_;
  std::vector<const gantry_module*> modules_;
  gantry_plugin plugin_{};
  plugin::HostContext context_;
  plugin::PluginHost host_;
};

// A record as messaging puts it for a Java 5 client that gave it a key, a tag and two properties.
class Put {
 public:
  explicit Put(bench::HookLog& log) : log(log.log()) {
    record_.struct_size = sizeof record_;
    record_.topic = sdk::str("orders-created");
    place(0);
    record_.born_host = record_.store_host = {host, sizeof host};
    put.struct_size = sizeof put;
    put.count = put.span = 1;
    put.stride = sizeof record_;
    put.records = &record_;
    error_.struct_size = sizeof error_;
    call = {sizeof call, 0, log.clock().now_ms(), 0, 0, reinterpret_cast<gantry_arena*>(&arena_),
            &error_};
  }
  Put(const Put&) = delete;
  Put& operator=(const Put&) = delete;

  // Vectors care where in a cache line a text begins, and a message's begins anywhere.
  void place(size_t turn) {
    char* const at = text_.data() + turn * 13 % cache_line;
    record_.property_text = {at, properties.copy(at, properties.size())};
  }

  gantry_put put{};
  gantry_call call{};
  const commitlog::CommitLog& log;

 private:
  static constexpr uint8_t host[8] = {127, 0, 0, 1, 0, 0, 0x2A, 0x9F};
  static constexpr std::string_view properties =
      "KEYS\x01order-20241124-000417\x02UNIQ_KEY\x01" "7F0000010A2C18B4AAC2158E6B3A0417\x02"
      "WAIT\x01true\x02TAGS\x01" "created\x02" "orderId\x01" "417\x02" "region\x01" "eu-west\x02"
      "MSG_REGION\x01" "DefaultRegion\x02TRACE_ON\x01true\x02" "CLUSTER\x01" "DefaultCluster\x02";
  static constexpr size_t cache_line = 64;
  alignas(cache_line) std::array<char, properties.size() + cache_line> text_;
  gantry_message record_{};
  gantry_error error_{};
  dispatch::Arena arena_;
};

// What an append does up to the log's own checks; the store itself costs a hundred times what is
// looked for, and how much depends on the page it meets.
[[gnu::noinline]] bool checked(const Put& put, const gantry_put& given, plugin::PropertyTexts texts) {
  const plugin::Drafts drafts(given, texts);
  thread_local commitlog::PutResult result;
  return !put.log.check_records({.records = drafts.get(), .now_ms = put.call.now_ms}, result);
}
[[gnu::noinline]] bool bare(const Chain&, const Put& put) {
  return checked(put, put.put, plugin::PropertyTexts::unknown);
}
[[gnu::noinline]] bool hooked(const Chain& given, const Put& put) {
  const plugin::PutChain* chain = given.hooks.chain();
  if (!chain || (put.put.flags & GANTRY_PUT_NO_HOOKS)) {
    return checked(put, put.put, plugin::PropertyTexts::unknown);
  }
  const plugin::PutChain::Look look = chain->look(put.put);
  if (look.concerned == 0) return checked(put, put.put, look.texts);
  if (!checked(put, put.put, look.texts)) return false;
  plugin::PutRun run(*chain, &put.call, put.put);
  return run.before(look.concerned) == GANTRY_OK &&
         checked(put, run.put(), plugin::PropertyTexts::unknown);
}
[[gnu::noinline]] bool appended(const Chain& chain, const Put& put) {
  gantry_put_result result{};
  result.struct_size = sizeof result;
  return plugin::commitlog_service().append(chain.asker, &put.call, &put.put, &result) == GANTRY_OK;
}
[[gnu::noinline]] bool guarded(const Chain& chain, const Put& put) {
  const gantry_capabilities& service = plugin::capabilities_service();
  gantry_lease lease;
  if (service.enter(chain.first_hook(), &put.call, &lease) != GANTRY_OK) return false;
  service.leave(&lease, GANTRY_OK);
  return true;
}
[[gnu::noinline]] bool unguarded(const Chain& chain, const Put& put) {
  asm volatile("" : : "r"(&chain), "r"(&put) : "memory");
  return true;
}

using Step = bool (*)(const Chain&, const Put&);
struct Contestant {
  Step step;
  const Chain& chain;
};

class Race {
 public:
  Race(Put& put, int turns, int rounds) : put_(put), turns_(turns), rounds_(rounds) {}

  // The nanoseconds of each, turn by turn; the first turn warms up and doesn't count.
  void run(std::span<const Contestant> contestants) {
    ns_.assign(contestants.size(), {});
    for (int turn = 0; turn <= turns_; ++turn) {
      put_.place(static_cast<size_t>(turn));
      for (size_t i = 0; i < contestants.size(); ++i) {
        const double ns = time(contestants[(i + static_cast<size_t>(turn)) % contestants.size()]);
        if (turn > 0) ns_[(i + static_cast<size_t>(turn)) % contestants.size()].push_back(ns);
      }
    }
  }
  double median(size_t contestant) const { return median_of(ns_[contestant]); }
  // By how much one takes longer than the other.
  double difference(size_t one, size_t other) const {
    std::vector<double> out;
    for (size_t i = 0; i < ns_[one].size(); ++i) out.push_back(ns_[one][i] - ns_[other][i]);
    return median_of(std::move(out));
  }

 private:
  double time(const Contestant& contestant) const {
    const auto begin = std::chrono::steady_clock::now();
    for (int i = 0; i < rounds_; ++i) {
      if (!contestant.step(contestant.chain, put_)) give_up(fmt::format("a call was refused: {}", put_.call.error->text));
    }
    const std::chrono::duration<double, std::nano> took = std::chrono::steady_clock::now() - begin;
    return took.count() / rounds_;
  }
  static double median_of(std::vector<double> values) {
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
  }

  Put& put_;
  const int turns_;
  const int rounds_;
  std::vector<std::vector<double>> ns_;
};

constexpr int turns = 301;
constexpr int rounds = 5'000;
constexpr int stored_turns = 400;  // three contestants: 200 MB of what the log has room for
constexpr int stored_rounds = 500;

struct Chains {
  explicit Chains(bench::HookLog& log)
      : none(log, {}), one_when(log, {"delay"}), four_when(log, {"delay", "half", "priority", "lite"}),
        one(log, {"every"}), nine(log, Texts(9, "every")), tags(log, {"tags"}) {}
  Chain none, one_when, four_when, one, nine, tags;
};

void measure(Put& put, const Chains& chains) {
  Race race(put, turns, rounds);
  race.run(std::array<Contestant, 7>{{{&bare, chains.none},
                                      {&hooked, chains.none},
                                      {&hooked, chains.one_when},
                                      {&hooked, chains.four_when},
                                      {&hooked, chains.one},
                                      {&hooked, chains.nine},
                                      {&hooked, chains.tags}}});
  fmt::print("\"checks\": {:.3f}, ", race.median(0));
  fmt::print("\"empty_chain\": {:.3f}, ", race.difference(1, 0));
  fmt::print("\"first_when\": {:.3f}, ", race.difference(2, 1));
  fmt::print("\"further_when\": {:.3f}, ", race.difference(3, 2) / 3);
  fmt::print("\"first_hook\": {:.3f}, ", race.difference(4, 1));
  fmt::print("\"further_hook\": {:.3f}, ", race.difference(5, 4) / 8);
  fmt::print("\"first_reader\": {:.3f}, ", race.difference(6, 1));
  Race stored(put, stored_turns, stored_rounds);
  stored.run(std::array<Contestant, 3>{
      {{&appended, chains.none}, {&appended, chains.one_when}, {&appended, chains.one}}});
  fmt::print("\"put\": {:.3f}, ", stored.median(0));
  fmt::print("\"put_first_when\": {:.3f}, ", stored.difference(1, 0));
  fmt::print("\"put_first_hook\": {:.3f}, ", stored.difference(2, 0));
}

double guard(Put& put, const Chains& chains) {
  Race race(put, turns, rounds);
  race.run(std::array<Contestant, 2>{{{&unguarded, chains.one}, {&guarded, chains.one}}});
  return race.difference(1, 0);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) give_up("usage: gantry_hook_bench FOLDER");
  bench::HookLog log(argv[1]);
  Put put(log);
  const Chains chains(log);
  fmt::print("{{");
  log.runtime().shard(0).run_and_wait([&] {  // as the appends of handlers are
    measure(put, chains);
    fmt::print("\"guard_on_shard\": {:.3f}, ", guard(put, chains));
  });
  fmt::print("\"guard_off_shard\": {:.3f}}}\n", guard(put, chains));
}
