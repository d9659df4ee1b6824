// What a frame's header costs: decoding beside simdjson reading the same fields out of the same
// bytes, encoding beside copying the same values with memcpy and no format at all.
// The contestants take turns, so a slow moment of the machine hits all of them; medians are
// printed, and last one line per goal: its name and the ratio.
#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstring>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "wire/decode.hpp"
#include "wire/encode.hpp"

namespace {

using namespace gantry;

constexpr int repetitions = 31;
constexpr int rounds = 20000;

// A send of a Java 5 client: 15 fields, the properties in escapes.
constexpr std::string_view send_header =
    R"({"code":310,"extFields":{"a":"PG_orders_eu","b":"orders-created","c":"TBW102","d":"8",)"
    R"("e":"3","f":"0","g":"1732470000123","h":"0",)"
    R"("i":"KEYS\u0001order-20241124-000417\u0002UNIQ_KEY\u00017F0000010A2C18B4AAC2158E6B3A0417)"
    R"(\u0002WAIT\u0001true\u0002TAGS\u0001created\u0002","j":"0","k":"false","l":"0","m":"false",)"
    R"("n":"broker-a","ns":""},"flag":0,"language":"JAVA","opaque":417,)"
    R"("serializeTypeCurrentRPC":"JSON","version":479})";

// Its answer.
constexpr std::array<Field, 5> answer_fields = {{
    {Text("msgId"), Text("7F00000100002A9F0000000000A1B2C3")},
    {Text("queueId"), Text("3")},
    {Text("queueOffset"), Text("1048576")},
    {Text("MSG_REGION"), Text("DefaultRegion")},
    {Text("TRACE_ON"), Text("true")},
}};

template <class T>
void keep(const T& value) {
  asm volatile("" : : "r"(&value) : "memory");
}

[[noreturn]] void give_up(std::string_view what) {
  fmt::print(stderr, "header_bench: {}\n", what);
  std::exit(1);
}

class WireDecode {
 public:
  explicit WireDecode(std::string_view json)
      : frame_{wire::Serialize::json,
               Bytes(reinterpret_cast<const uint8_t*>(json.data()), json.size()),
               {},
               0} {}
  const wire::Header& turn() {
    if (wire::decode_header(frame_, scratch_, header_)) give_up("the header does not decode");
    return header_;
  }

 private:
  wire::Frame frame_;
  wire::HeaderScratch scratch_;
  wire::Header header_;
};

class SimdjsonDecode {
 public:
  explicit SimdjsonDecode(std::string_view json) : json_(json) {}
  const wire::Header& turn() {
    simdjson::ondemand::document document = parser_.iterate(json_);
    for (simdjson::ondemand::field member : document.get_object()) {
      read(member.unescaped_key(), member.value());
    }
    header_.fields = {fields_.data(), count_};
    return header_;
  }

 private:
  void read(std::string_view key, simdjson::ondemand::value value) {
    const auto number = [&] { return static_cast<int32_t>(value.get_int64().value()); };
    if (key == "code") {
      header_.code = number();
    } else if (key == "flag") {
      header_.flag = number();
    } else if (key == "opaque") {
      header_.opaque = number();
    } else if (key == "version") {
      header_.version = number();
    } else if (key == "language") {
      header_.language = wire::language_number(value.get_string().value());
    } else if (key == "extFields") {
      count_ = 0;
      for (simdjson::ondemand::field field : value.get_object()) {
        const std::string_view name = field.unescaped_key();
        fields_[count_++] = {Text(name), Text(field.value().get_string().value())};
      }
      header_.has_fields = true;
    }
  }

  simdjson::padded_string json_;
  simdjson::ondemand::parser parser_;
  std::array<Field, wire::ext_fields_max> fields_;
  uint64_t count_ = 0;
  wire::Header header_;
};

class WireEncode {
 public:
  WireEncode(wire::Serialize serialize, const wire::Header& header)
      : serialize_(serialize), header_(header) {}
  const wire::ByteSink& turn() {
    sink_.clear();
    if (wire::encode_head(serialize_, header_, 0, sink_)) give_up("the header does not encode");
    return sink_;
  }

 private:
  wire::Serialize serialize_;
  wire::Header header_;
  wire::ByteSink sink_;
};

// The same values behind each other: numbers as they are, texts with their sizes.
class MemcpyEncode {
 public:
  explicit MemcpyEncode(const wire::Header& header) : header_(header) {}
  const std::array<uint8_t, 4096>& turn() {
    uint8_t* to = bytes_.data();
    const auto copy = [&to](const void* from, uint64_t size) {
      std::memcpy(to, from, size);
      to += size;
    };
    const int32_t numbers[] = {header_.code, header_.language, header_.version, header_.opaque,
                               header_.flag};
    copy(numbers, sizeof numbers);
    for (const Field& field : header_.fields) {
      for (const Text text : {field.key, field.value}) {
        copy(&text.size, sizeof(uint32_t));
        copy(text.data, text.size);
      }
    }
    return bytes_;
  }

 private:
  wire::Header header_;
  std::array<uint8_t, 4096> bytes_{};
};

struct Contestant {
  std::string name;
  std::function<void()> rounds;
  std::vector<double> ns = {};

  double median() {
    std::nth_element(ns.begin(), ns.begin() + repetitions / 2, ns.end());
    return ns[repetitions / 2];
  }
};

template <class Codec>
Contestant contestant(std::string name, Codec& codec) {
  return {std::move(name), [&codec] {
            for (int i = 0; i < rounds; ++i) keep(codec.turn());
          }};
}

void race(std::vector<Contestant>& contestants) {
  using Clock = std::chrono::steady_clock;
  for (Contestant& contestant : contestants) contestant.rounds();
  for (int repetition = 0; repetition < repetitions; ++repetition) {
    for (Contestant& contestant : contestants) {
      const auto start = Clock::now();
      contestant.rounds();
      const std::chrono::duration<double, std::nano> took = Clock::now() - start;
      contestant.ns.push_back(took.count() / rounds);
    }
  }
  for (Contestant& contestant : contestants) {
    fmt::print("{:<32} {:8.1f} ns\n", contestant.name, contestant.median());
  }
}

bool same(const wire::Header& a, const wire::Header& b) {
  return a.code == b.code && a.language == b.language && a.version == b.version &&
         a.opaque == b.opaque && a.flag == b.flag &&
         std::equal(a.fields.begin(), a.fields.end(), b.fields.begin(), b.fields.end(),
                    [](const Field& x, const Field& y) {
                      return x.key.view() == y.key.view() && x.value.view() == y.value.view();
                    });
}

}  // namespace

int main() {
  WireDecode wire_decode(send_header);
  SimdjsonDecode simdjson_decode(send_header);
  const wire::Header& request = wire_decode.turn();
  if (!same(request, simdjson_decode.turn())) give_up("simdjson reads something else");
  const std::string compact_bytes = [&] {
    wire::ByteSink sink;
    if (wire::encode_head(wire::Serialize::compact, request, 0, sink)) give_up("not compact");
    return std::string(reinterpret_cast<const char*>(sink.data()), sink.size());
  }();
  wire::HeaderScratch compact_scratch;
  fmt::print("decode: {} bytes of JSON, {} fields\n", send_header.size(), request.fields.size());
  std::vector<Contestant> decoders;
  decoders.push_back(contestant("wire json", wire_decode));
  decoders.push_back(contestant("simdjson on demand", simdjson_decode));
  decoders.push_back({"wire compact", [&] {
                        const Bytes bytes(reinterpret_cast<const uint8_t*>(compact_bytes.data()),
                                          compact_bytes.size());
                        for (int i = 0; i < rounds; ++i) {
                          keep(wire::decode_frame(bytes, compact_scratch));
                        }
                      }});
  race(decoders);

  wire::Header answer;
  answer.version = 479;
  answer.opaque = 417;
  answer.flag = wire::flag_response;
  answer.fields = answer_fields;
  answer.has_fields = true;
  WireEncode json_encode(wire::Serialize::json, answer);
  WireEncode compact_encode(wire::Serialize::compact, answer);
  MemcpyEncode memcpy_encode(answer);
  fmt::print("encode: {} bytes of JSON, {} fields\n", json_encode.turn().size(),
             answer.fields.size());
  std::vector<Contestant> encoders;
  encoders.push_back(contestant("wire json", json_encode));
  encoders.push_back(contestant("memcpy only", memcpy_encode));
  encoders.push_back(contestant("wire compact", compact_encode));
  race(encoders);

  fmt::print("header_decode_vs_simdjson {:.2f}\n", decoders[0].median() / decoders[1].median());
  fmt::print("header_encode_vs_memcpy {:.2f}\n", encoders[0].median() / encoders[1].median());
}
