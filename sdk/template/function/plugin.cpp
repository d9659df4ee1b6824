// plugin_name: a function for the expressions of others. bucket(KEYS, 16) = 3 of SQL92 holds for a
// sixteenth of all keys, and for the same ones on every node: consumers can share a topic by key.
#include <string>

#include "cpp/capabilities.hpp"

namespace {

namespace sdk = gantry::sdk;

// FNV-1a. What it says is part of the contract with users: never another hash under this name.
uint64_t hash_of(std::string_view text) {
  uint64_t hash = 0xcbf29ce484222325;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return hash;
}

// One call in one expression. It serves all shards at once, so it is constant.
class Call {
 public:
  explicit Call(uint64_t buckets) : buckets_(buckets) {}

  // [any] A message without the property is in no bucket: unknown, as SQL has it.
  gantry_status invoke(const gantry_call&, const gantry_message&,
                       std::span<const gantry_value> arguments, gantry_value& out) const {
    const gantry_value& key = arguments[0];
    if (key.kind != GANTRY_STR && key.kind != GANTRY_NULL)
      throw sdk::Refusal(GANTRY_INVALID, "bucket: argument 1 is no text");
    out = sdk::null_value();
    if (key.kind == GANTRY_STR)
      out = sdk::i64_value(static_cast<int64_t>(hash_of(sdk::view(key.as.s)) % buckets_));
    return GANTRY_OK;
  }

 private:
  const uint64_t buckets_;
};

class Bucket final : public sdk::FilterModule {
 public:
  explicit Bucket(const gantry_host* host)
      : FilterModule(host), buckets_max_(host_.setting_i64("buckets_max")) {}

  // [worker] Who compiles an expression asks once for each call in it. What is wrong whatever message
  // comes is refused here, where its author sees it.
  std::unique_ptr<Call> prepare(const gantry_call&,
                                std::span<const gantry_value> constants) const {
    if (constants.size() != 2) {
      throw sdk::Refusal(GANTRY_INVALID, std::to_string(constants.size()) +
                                             " arguments, and there are two: a text, and the "
                                             "number of buckets");
    }
    if (constants[0].kind != GANTRY_STR && constants[0].kind != GANTRY_NULL)
      throw sdk::Refusal(GANTRY_INVALID, "argument 1 is no text");
    if (constants[1].kind != GANTRY_I64)
      throw sdk::Refusal(GANTRY_INVALID, "argument 2 is the number of buckets, written as a number");
    const int64_t buckets = constants[1].as.i;
    if (buckets < 1 || buckets > buckets_max_) {
      throw sdk::Refusal(GANTRY_INVALID, "argument 2: " + std::to_string(buckets) +
                                             " buckets, and there are 1 to " +
                                             std::to_string(buckets_max_));
    }
    return std::make_unique<Call>(static_cast<uint64_t>(buckets));
  }

 private:
  const int64_t buckets_max_;
};

// What it can be set to, in [plugins.plugin_name].
constexpr gantry_setting buckets_max = sdk::setting_i64(
    "buckets_max", "The most buckets an expression may ask for.", 65536, 1, int64_t{1} << 31);
constexpr const gantry_setting* settings[] = {&buckets_max};

// What it offers: the name is what expressions call. What it needs of the host.
constexpr gantry_function function = sdk::function<Bucket>();
constexpr gantry_offer offer_function = sdk::offer(GANTRY_CAP_FUNCTION, "bucket", &function);
constexpr const gantry_offer* offers[] = {&offer_function};
constexpr gantry_need need_settings = sdk::need(GANTRY_HOST_SETTINGS);
constexpr const gantry_need* needs[] = {&need_settings};

constexpr gantry_module module = sdk::module<Bucket>(
    {.name = "plugin_name", .offers = offers, .needs = needs, .settings = settings});
constexpr const gantry_module* modules[] = {&module};

}  // namespace

extern "C" const gantry_plugin gantry_plugin_v1 =
    sdk::plugin("org.example.plugin_name", "0.1", modules);
