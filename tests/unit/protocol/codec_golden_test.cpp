// Bytes and hashes against Java's, case by case.
#include <map>

#include "golden_data.hpp"
#include "protocol/codes.hpp"
#include "protocol/ids.hpp"
#include "protocol/message.hpp"
#include "protocol/properties.hpp"

namespace gantry::protocol::testing {
namespace {

namespace bj = boost::json;

std::map<std::string, std::string> winners(std::string_view properties) {
  std::map<std::string, std::string> all;
  for (const auto& [name, value] : Properties(properties)) all[std::string(name)] = value;
  return all;
}

std::map<std::string, std::string> texts(const bj::value& object) {
  std::map<std::string, std::string> all;
  for (const auto& member : object.as_object())
    all[std::string(member.key())] = text(member.value());
  return all;
}

std::string property_text(const bj::value& object) {
  std::string out;
  if (!object.is_object()) return out;
  for (const auto& member : object.as_object()) {
    if (!member.value().is_null()) append_property(out, member.key(), text(member.value()));
  }
  return out;
}

}  // namespace

TEST_CASE("properties are written as Java writes them") {
  each_case("properties-encode", [](const bj::object& c) {
    if (c.at("in").is_null()) return;  // Java's null map
    CHECK(property_text(c.at("in")) == bytes(c.at("out").at("hex")));
  });
}

TEST_CASE("property text is read as Java reads it") {
  each_case("properties-decode", [](const bj::object& c) {
    if (c.at("in").is_null()) return;
    const std::string in = bytes(c.at("in").at("hex"));
    const auto expected = texts(c.at("out"));
    CHECK(winners(in) == expected);
    for (const auto& [name, value] : expected) CHECK(find_property(in, name) == value);
  });
}

TEST_CASE("batch bodies are written as Java writes them") {
  each_case("batch-encode", [](const bj::object& c) {
    std::string out;
    for (const auto& item : c.at("in").as_array()) {
      const std::string body = bytes(item.at("bodyHex"));
      const std::string properties = property_text(item.at("properties"));
      const auto flag = item.at("flag").to_number<std::int32_t>();
      REQUIRE(append_batch_item(out, {flag, body, properties}).has_value());
    }
    CHECK(out == bytes(c.at("out")));
  });
}

TEST_CASE("batch bodies are read as Java reads them, and faults are errors") {
  each_case("batch-decode", [](const bj::object& c) {
    const std::string in = bytes(c.at("in"));
    const auto items = decode_batch(in);
    REQUIRE(items.has_value() == !c.contains("error"));
    if (!items) return;
    const auto& expected = c.at("out").as_array();
    REQUIRE(items->size() == expected.size());
    for (std::size_t i = 0; i < items->size(); ++i) {
      CHECK((*items)[i].flag == expected[i].at("flag").to_number<std::int32_t>());
      CHECK((*items)[i].body == bytes(expected[i].at("bodyHex")));
      CHECK(winners((*items)[i].properties) == texts(expected[i].at("properties")));
    }
  });
  each_case("batch-count", [](const bj::object& c) {
    const std::string in = bytes(c.at("in"));
    CHECK(decode_batch(in)->size() == c.at("out").to_number<std::size_t>());
  });
}

TEST_CASE("unique keys have the layout Java gives them") {
  std::optional<UniqueKeys> keys;
  each_case("uniq-id-create", [&](const bj::object& c) {
    const std::string id = text(c.at("out"));
    const auto key = parse_unique_key(id);
    REQUIRE(key.has_value());
    CHECK(key->text() == id);
    const std::string note = text(c.at("in"));  // "consecutive calls; now=<ms>"
    const std::int64_t now = std::stoll(note.substr(note.find("now=") + 4));
    // The first note was taken while Java was still setting up, before it made the key.
    const std::int64_t made = key->made_ms(now + 1000);
    if (!keys) {
      keys.emplace(key->host, key->pid, key->maker);
      CHECK(keys->next(made) == id);
      return;
    }
    CHECK(made == now);
    CHECK(keys->next(now) == id);
  });
}

TEST_CASE("unique keys are read as Java reads them") {
  each_case("uniq-id-decode", [](const bj::object& c) {
    const auto key = parse_unique_key(text(c.at("in").at("id")));
    REQUIRE(key.has_value() == !c.contains("error"));
    if (!key) return;
    const auto& out = c.at("out");
    const auto address = key->host.address();
    const std::string_view ip(reinterpret_cast<const char*>(address.data()), address.size());
    CHECK(std::string(ip) == bytes(out.at("ipHex")));
    CHECK(key->pid == out.at("pid").to_number<int>());
    CHECK(key->made_ms(c.at("in").at("now").to_number<std::int64_t>()) ==
          out.at("time").to_number<std::int64_t>());
  });
}

TEST_CASE("offset ids are written as Java writes them") {
  each_case("offset-id-create", [](const bj::object& c) {
    const auto& in = c.at("in");
    const auto host = parse_ip(text(in.at("host")), in.at("port").to_number<int>());
    REQUIRE(host.has_value());
    CHECK(OffsetId{*host, in.at("offset").to_number<std::int64_t>()}.text() == text(c.at("out")));
  });
  each_case("offset-id-create-from-buffer", [](const bj::object& c) {
    const std::string raw = bytes(c.at("in").at("addressHex"));
    const auto host =
        host_from_bytes({reinterpret_cast<const std::uint8_t*>(raw.data()), raw.size()});
    REQUIRE(host.has_value());
    std::string id = OffsetId{*host, c.at("in").at("offset").to_number<std::int64_t>()}.text();
    id.resize(56, '0');  // Java's buffer was made for IPv6 and is printed whole
    CHECK(id == text(c.at("out")));
  });
}

TEST_CASE("offset ids are read as Java reads them") {
  each_case("offset-id-decode", [](const bj::object& c) {
    const std::string in = text(c.at("in"));
    const auto id = parse_offset_id(in);
    // Java takes a letter that is no hexadecimal digit for 15; here it is an error.
    const bool hexadecimal = from_hex(in).has_value();
    REQUIRE(id.has_value() == (!c.contains("error") && hexadecimal));
    if (!id) return;
    CHECK(id->host.ip_text() == text(c.at("out").at("ip")));
    CHECK(id->host.port == c.at("out").at("port").to_number<int>());
    CHECK(id->log_offset == c.at("out").at("offset").to_number<std::int64_t>());
  });
}

TEST_CASE("texts hash as in Java") {
  each_case("string-hash", [](const bj::object& c) {
    CHECK(string_hash(text(c.at("in").at("text"))) == c.at("out").to_number<std::int32_t>());
  });
  each_case("tags-code", [](const bj::object& c) {
    if (c.at("in").is_null()) return;
    CHECK(tag_code(text(c.at("in"))) == c.at("out").to_number<std::int64_t>());
  });
  each_case("index-key-hash", [](const bj::object& c) {
    CHECK(index_key_hash(text(c.at("in"))) == c.at("out").to_number<std::int32_t>());
  });
}

TEST_CASE("the compression type comes out of a sysFlag as in Java") {
  each_case("compression-type-of-sysflag", [](const bj::object& c) {
    const auto type = compression_of(c.at("in").to_number<std::int32_t>());
    REQUIRE(type.has_value() == !c.contains("error"));
    if (!type) return;
    const char* name = *type == Compression::zlib  ? "ZLIB"
                       : *type == Compression::lz4 ? "LZ4"
                                                   : "ZSTD";
    CHECK(text(c.at("out")) == name);
  });
}

TEST_CASE("records of Java are read, and written to the same bytes") {
  each_case("record-encode", [](const bj::object& c) {
    if (c.contains("error")) return;  // Java's helper does not make version 2
    const auto& out = c.at("out");
    const std::string record = bytes(out.at("hex"));
    const auto view = decode_record(record);
    REQUIRE(view.has_value());
    CHECK(view->record.size() == out.at("storeSize").to_number<std::size_t>());
    CHECK(view->offset_id() == text(out.at("decodedMsgId")));
    CHECK(view->topic == text(out.at("decodedTopic")));
    CHECK("/" + view->born_host.text() == text(out.at("decodedBornHost")));
    CHECK(encode_record(*view).value() == record);
  });
}

TEST_CASE("properties the system uses are refused to applications with Java's words") {
  each_case("reserved-property-names", [](const bj::object& c) {
    for (const auto& name : c.at("out").as_array()) CHECK(is_reserved_property(text(name)));
    CHECK(c.at("out").as_array().size() == 54);
  });
  each_case("user-property", [](const bj::object& c) {
    const auto& in = c.at("in").as_array();
    const auto given = [](const bj::value& v) { return v.is_null() ? std::string() : text(v); };
    const std::string wrong = check_user_property(given(in[0]), given(in[1]));
    if (!c.contains("error")) {
      CHECK(wrong.empty());
      return;
    }
    const std::string error = text(c.at("error"));  // "<exception>: <text>"
    CHECK(wrong == error.substr(error.find(": ") + 2));
  });
}

}  // namespace gantry::protocol::testing
