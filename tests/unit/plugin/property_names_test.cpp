// The names that concern put hooks, found in property texts: the sieve beside the plain walk.
#include "plugin/property_names.hpp"

#include <catch2/catch.hpp>

#include <random>
#include <string>
#include <utility>
#include <vector>

using namespace gantry;
using plugin::NameSieve;
using plugin::PropertyNames;

namespace {

using Texts = std::vector<std::string>;

// What a Java client sends and the broker adds.
const std::string ordinary =
    "KEYS\x01order-20241124-000417\x02UNIQ_KEY\x01" "7F0000010A2C18B4AAC2158E6B3A0417\x02"
    "WAIT\x01true\x02TAGS\x01" "created\x02" "MSG_REGION\x01" "DefaultRegion\x02"
    "TRACE_ON\x01true\x02" "CLUSTER\x01" "DefaultCluster\x02";

const Texts reserved = {"DELAY",           "TIMER_DELAY_SEC", "TIMER_DELAY_MS",      "TIMER_DELIVER_MS",
                        "TRAN_MSG",        "PGROUP",          "_SYS_MSG_PRIORITY_",  "__LITE_TOPIC"};
const Texts delay = {"DELAY"};

// Borrows from the texts.
PropertyNames names_of(const Texts& texts) {
  PropertyNames names;
  for (size_t i = 0; i < texts.size(); ++i) names.add(texts[i], uint64_t{1} << (i % 64));
  return names;
}

bool has_zero(const std::string& text) { return text.find('\0') != std::string::npos; }

// The same bits as the walk, and no zero byte overlooked, on a copy that ends where its memory does.
bool agree(const PropertyNames& names, const std::string& text) {
  const std::vector<char> exact(text.begin(), text.end());
  const PropertyNames::Look look = names.look({exact.data(), exact.size()});
  return look.bits == names.walk(text) && !(look.zero_free && has_zero(text));
}

class Random {
 public:
  explicit Random(uint32_t seed) : numbers_(seed) {}
  size_t below(size_t bound) { return numbers_() % bound; }
  std::string bytes(size_t size, std::string_view alphabet) {
    std::string out;
    while (out.size() < size) out += alphabet[below(alphabet.size())];
    return out;
  }
  const std::string& one_of(const Texts& texts) { return texts[below(texts.size())]; }

 private:
  std::mt19937 numbers_;
};

// A property as somebody hostile or careless writes it: one of the names or nearly so, without a
// value, without its end, with separators and zero bytes where they don't belong.
std::string piece(Random& random, const Texts& names) {
  constexpr std::string_view odd("\0\x01\x02" "AY\xC3\xA4", 7);
  std::string name = random.one_of(names);
  switch (random.below(8)) {
    case 0: name.pop_back(); break;
    case 1: name = "X" + name; break;
    case 2: name = random.bytes(random.below(12), "ADELYMSR_"); break;
    case 3: name = name.substr(name.size() / 2); break;
    default: break;
  }
  std::string value = random.bytes(random.below(24), "abcDELAY0123");
  switch (random.below(10)) {
    case 0: value.clear(); break;
    case 1: value = random.one_of(names) + "\x01" + value; break;
    case 2: value = random.bytes(5, odd); break;
    default: break;
  }
  const size_t cut = random.below(20);
  return name + (cut == 0 ? "" : "\x01") + value + (cut == 1 ? "" : "\x02");
}

}  // namespace

TEST_CASE("property names are found by length and bytes, with a value, wherever they stand") {
  PropertyNames names;
  names.add("DELAY", 1);
  names.add("PGROUP", 2);
  names.add("OTHER", 4);
  names.add("DELAY", 8);
  const auto find = [&](std::string_view text) {
    CHECK(names.look(text).bits == names.walk(text));
    return names.walk(text);
  };
  CHECK(find("") == 0);
  CHECK(find("DELAY\x01"
                   "3\x02") == 9);
  CHECK(find("A\x01x\x02"
                   "DELAY\x01"
                   "3") == 9);  // no end mark
  CHECK(find("OTHER\x01x\x02PGROUP\x01y\x02") == 6);
  CHECK(find("DELAY\x01\x02") == 0);               // no value
  CHECK(find("DELAY") == 0);                       // no property
  CHECK(find("DELAYS\x01x\x02") == 0);             // a longer name
  CHECK(find("DELA\x01Yx\x02") == 0);              // a shorter one
  CHECK(find("A\x01"
                   "DELAY\x01x\x02") == 0);              // in a value
  CHECK(find("\x02\x02PGROUP\x01y\x02") == 2);     // empty pieces
  CHECK(PropertyNames().walk("DELAY\x01x\x02") == 0);
}


TEST_CASE("names are found wherever they begin and end relative to the sieve's vectors") {
  const PropertyNames names = names_of(reserved);
  for (size_t before = 0; before < 100; ++before) {
    const std::string head = before == 0 ? "" : std::string(before - 1, 'v') + "\x02";
    for (size_t i = 0; i < reserved.size(); ++i) {
      for (const std::string tail : {"\x01y", "\x01y\x02", "\x01y\x02" "A\x01" "b\x02"}) {
        const std::string text = head + reserved[i] + tail + (before % 2 ? ordinary : "");
        CAPTURE(text);
        REQUIRE((names.look(text).bits >> i & 1) == 1);
        REQUIRE(agree(names, text));
      }
    }
  }
}

TEST_CASE("a zero byte is seen wherever it stands in a property text") {
  const PropertyNames names = names_of(delay);
  for (size_t size = 0; size < 200; ++size) {
    std::string text = (ordinary + ordinary).substr(0, size);
    REQUIRE(agree(names, text));
    for (char& byte : text) {
      const char kept = std::exchange(byte, '\0');
      REQUIRE_FALSE(names.look(text).zero_free);
      byte = kept;
    }
  }
}

TEST_CASE("look and walk agree on random property texts, hostile ones too") {
  Random random(20241124);
  for (int set = 0; set < 150; ++set) {
    Texts texts;
    for (size_t count = 1 + random.below(set % 10 == 0 ? 60 : 8); texts.size() < count;) {
      std::string name = set % 3 == 0 ? random.bytes(1 + random.below(6), "ADELYMS_\xC3\xA4")
                                      : random.one_of(reserved);
      if (random.below(3) == 0) name += random.bytes(1, "SX");
      texts.push_back(std::move(name));
    }
    const PropertyNames names = names_of(texts);
    for (int round = 0; round < 300; ++round) {
      std::string text = random.below(2) ? ordinary : "";
      for (size_t i = random.below(8); i > 0; --i) text += piece(random, texts);
      if (random.below(4) == 0) text = piece(random, texts) + ordinary + text;
      CAPTURE(set, round, text);
      REQUIRE(agree(names, text));
    }
  }
}

TEST_CASE("more places that look like a name than there is room for are all looked at") {
  const PropertyNames names = names_of(delay);
  std::string text;
  for (int i = 0; i < 100; ++i) text += "XDELAY\x01y\x02";
  CHECK(names.look(text).bits == 0);
  CHECK(names.look(text + "DELAY\x01y\x02").bits == 1);
}

TEST_CASE("the sieve passes ordinary messages at once, for one name and for all reserved ones") {
  if (!__builtin_cpu_supports("avx2")) return;
  for (size_t count = 1; count <= reserved.size(); ++count) {
    const std::vector<std::string_view> some(reserved.begin(), reserved.begin() + static_cast<std::ptrdiff_t>(count));
    NameSieve sieve;
    sieve.fit(some);
    CAPTURE(count);
    REQUIRE(sieve.takes(ordinary));
    CHECK(sieve.passes(ordinary));
  }
}

TEST_CASE("what the sieve can't take is walked: short texts, names not ASCII, too many of them") {
  CHECK_FALSE(NameSieve().takes(ordinary));
  NameSieve sieve;
  sieve.fit(std::vector<std::string_view>{"DELAY"});
  CHECK_FALSE(sieve.takes("DELAY\x01y\x02"));
  sieve.fit(std::vector<std::string_view>{"\xC3\xA4"});
  CHECK_FALSE(sieve.takes(ordinary));
  Texts many;
  for (char c = '0'; c <= 'z'; ++c) many.push_back({c, c});
  sieve.fit(std::vector<std::string_view>(many.begin(), many.end()));
  CHECK_FALSE(sieve.takes(ordinary));
  const std::string text = ordinary + "BB\x01y\x02";
  CHECK(names_of(many).look(text).bits == uint64_t{1} << ('B' - '0'));
  CHECK_FALSE(names_of(many).look(text).zero_free);  // nobody looked
}
